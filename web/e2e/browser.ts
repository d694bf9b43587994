/** Debian's Chromium, with a camera that shows pictures made by the test. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

/** Where the pictures of the screens go, for people to look at. */
export const PICTURES = process.env.E2E_SCREENS ?? mkdtempSync(join(tmpdir(), "yima-screens-"));

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

/** How long a page is waited for, at most. */
const PATIENCE_MS = 25_000;

/** A fresh profile of a browser. */
export async function profile(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

const WIDTH = 1280;
const HEIGHT = 720;

export interface Launch {
  /** What its camera shows (YUV4MPEG2); the file is read when a page starts the camera. */
  film?: string;
  /** The fingerprint of a certificate that it trusts though nobody has signed it. */
  trusted?: string;
}

export function launch({ film, trusted }: Launch = {}): Promise<Browser> {
  const camera = film ? [`--use-file-for-fake-video-capture=${film}`] : [];
  const trust = trusted ? [`--ignore-certificate-errors-spki-list=${trusted}`] : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [...ARGUMENTS, ...camera, ...trust],
  });
}

/** Films a picture held before a camera, and gives the file. */
export async function filmOf(browser: Browser, png: Buffer): Promise<string> {
  const film = blankFilm();
  await showOn(film, browser, png);
  return film;
}

/** The film of a camera that sees nothing yet. */
export function blankFilm(): string {
  const film = join(mkdtempSync(join(tmpdir(), "yima-film-")), "camera.y4m");
  writeFilm(film, Buffer.alloc(WIDTH * HEIGHT, 128));
  return film;
}

/** Holds a picture before the camera of a film, which must not have been started. */
export async function showOn(film: string, browser: Browser, png: Buffer): Promise<void> {
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
      const scale = (height * 0.86) / Math.max(image.width, image.height);
      const [across, down] = [image.width * scale, image.height * scale];
      context.drawImage(image, (width - across) / 2, (height - down) / 2, across, down);
      const { data } = context.getImageData(0, 0, width, height);
      let text = "";
      for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at] as number);
      return btoa(text);
    },
    { source: `data:image/png;base64,${png.toString("base64")}`, width: WIDTH, height: HEIGHT },
  );
  await page.close();
  writeFilm(film, Buffer.from(luma, "base64"));
}

function writeFilm(film: string, luma: Buffer): void {
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, chroma]);
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(film, Buffer.concat([header, frame, frame]));
}
