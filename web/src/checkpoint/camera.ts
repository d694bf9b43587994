/** Reads QR codes from a camera; pictures are looked at and dropped. */

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";

export type CameraFault = "denied" | "missing";

const PICTURE_EVERY_MS = 120;

/** Loads the reader now, so that the first scan does not wait for it. */
export async function prepareReader(): Promise<void> {
  await prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });
}

/** Shows the camera in the element, or says why it cannot. */
export async function openCamera(video: HTMLVideoElement): Promise<MediaStream | CameraFault> {
  try {
    const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    return error instanceof DOMException && error.name === "NotAllowedError" ? "denied" : "missing";
  }
}

/** Hands each text that is read to `read`, one after the other, until the returned function is called. */
export function scan(video: HTMLVideoElement, read: (text: string) => Promise<void>): () => void {
  const canvas = document.createElement("canvas");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const text = await textIn(video, canvas);
    if (isStopped) return;
    if (text !== undefined) await read(text);
    if (!isStopped) timer = setTimeout(look, PICTURE_EVERY_MS);
  };
  void look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

async function textIn(video: HTMLVideoElement, canvas: HTMLCanvasElement): Promise<string | undefined> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return undefined;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(video, 0, 0);
  const options = { formats: ["QRCode" as const], maxNumberOfSymbols: 1 };
  const [found] = await readBarcodes(context.getImageData(0, 0, width, height), options);
  return found?.isValid ? found.text : undefined;
}
