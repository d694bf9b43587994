/** Debian's Chromium, with a camera that shows a picture made by the test. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
];

const WIDTH = 1280;
const HEIGHT = 720;

/** A browser; its camera shows the film, if there is one. */
export function launch(film?: string): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [...ARGUMENTS, ...(film ? [`--use-file-for-fake-video-capture=${film}`] : [])],
  });
}

/** Films a picture held before a camera, and gives the file (YUV4MPEG2). */
export async function filmOf(browser: Browser, png: Buffer): Promise<string> {
  const page = await browser.newPage();
  const luma = await page.evaluate(
    async ({ source, width, height }) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.fillStyle = "#909090";
      context.fillRect(0, 0, width, height);
      const side = height * 0.86;
      context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side);
      const { data } = context.getImageData(0, 0, width, height);
      let text = "";
      for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at] as number);
      return btoa(text);
    },
    { source: `data:image/png;base64,${png.toString("base64")}`, width: WIDTH, height: HEIGHT },
  );
  await page.close();
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(luma, "base64"), chroma]);
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  const file = join(mkdtempSync(join(tmpdir(), "yima-film-")), "camera.y4m");
  writeFileSync(file, Buffer.concat([header, frame, frame]));
  return file;
}
