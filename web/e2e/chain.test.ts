/** From a declaration to a code that a checkpoint verifies: both pages in real browsers, with a real node over TLS. */

import { execFileSync } from "node:child_process";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { zhCN } from "../src/resident/messages/zh-CN";
import { blankFilm, launch, profile, showOn } from "./browser";
import { CheckpointPage, type Chosen } from "./checkpoint-page";
import { RunningNode } from "./node";
import { ResidentPage, XIAN } from "./resident-page";
import { now, scan } from "./scan";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const VENUE: Chosen = { placeClass: "venue" };

let node: RunningNode;
let browser: Browser;
let closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  node = await RunningNode.start();
  browser = await launch({ trusted: node.certificate });
});

afterEach(async () => {
  for (const page of closing.reverse()) await page.close();
  closing = [];
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

function keep<T extends { close(): Promise<void> }>(opened: T): T {
  closing.push(opened);
  return opened;
}

/** A resident whose code is green. */
async function green(): Promise<ResidentPage> {
  const resident = keep(await ResidentPage.registered(browser, node, { dwellings: [{ areas: XIAN }] }));
  await node.compareEverybody();
  await resident.go("code");
  await resident.colour("green").waitFor();
  return resident;
}

/** A checkpoint in a browser of its own that has its lists, and no network from then on. */
class Gate {
  private constructor(
    readonly page: CheckpointPage,
    private readonly film: string,
  ) {}

  static async open(): Promise<Gate> {
    const film = blankFilm();
    const own = keep(await launch({ film, trusted: node.certificate }));
    const page = await CheckpointPage.at(own, node, now(), VENUE);
    await page.goOffline();
    return new Gate(page, film);
  }

  /** Holds a picture before the camera at a time, and gives the answer. */
  async see(png: Buffer, at: number): Promise<Awaited<ReturnType<CheckpointPage["answer"]>>> {
    await showOn(this.film, browser, png);
    await this.page.setClock(at);
    await this.page.startCamera();
    return this.page.answer();
  }
}

test("apply, green, passed offline by camera; a symptom later stopped; an old picture and a child's paper", async () => {
  const resident = await green();
  const before = await Gate.open();
  const [at, picture] = [now(), await resident.picture()];
  expect(await before.see(picture, at)).toMatchObject({ decision: "pass" });
  await before.page.setClock(at + 2 * MINUTE);
  await before.page.answered("stop");
  expect(await before.page.answer()).toMatchObject({ help: "picture" });

  await resident.declare(["fever"]);
  await resident.go("code");
  await expect.poll(async () => scan(node, await resident.code())).toMatchObject({ code: { standing: "red" } });
  const after = await Gate.open();
  const stop = await after.see(await resident.picture(), now());
  expect(stop).toMatchObject({ decision: "stop", help: "colour" });

  await resident.takeInCare("王小宝");
  await node.compareEverybody();
  const sheet = await resident.paperOfDependent();
  await resident.page.emulateMedia({ media: "print" });
  await resident.page.setViewportSize(A4);
  const paper = await printed(resident.page, sheet.locator(".front"));
  const text = (await sheet.locator("svg.qr").getAttribute("data-text")) as string;
  await expect.poll(() => scan(node, text)).toMatchObject({ kind: "verified" });
  const later = await Gate.open();
  const read = await later.see(paper, now());
  expect(read.decision).toBe("pass");
  expect(read.text).toContain("*宝 · born on day 9");
  expect(read.text).toContain("parent *明");
});

/** A sheet of A4 at 96 dots an inch. */
const A4 = { width: 794, height: 1123 };
const DOTS_PER_INCH = 200;

/** A part of the page as a printer draws it: the whole as PDF, and the part of that in dots. */
async function printed(page: Page, part: Locator): Promise<Buffer> {
  const box = await part.boundingBox();
  if (!box) throw new Error("the part is not on the page");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const dots = (pixels: number) => String(Math.round((pixels * DOTS_PER_INCH) / 96));
  const area = ["-x", dots(box.x), "-y", dots(box.y), "-W", dots(box.width), "-H", dots(box.height)];
  const options = ["-png", "-singlefile", "-r", String(DOTS_PER_INCH), ...area, "-"];
  return execFileSync("pdftoppm", options, { input: pdf, maxBuffer: 64 * 1024 * 1024 });
}

test("the resident page opens without a network and shows the code with the age of its data", async () => {
  const resident = await green();
  const { page } = resident;
  await resident.installed();
  await page.clock.setFixedTime((now() + 3 * HOUR) * 1000);
  await resident.context.setOffline(true);
  await page.reload();
  expect(await page.evaluate(() => fetch("/v1/me").then(() => "answered", () => "no network"))).toBe("no network");
  await resident.text(zhCN.offline).waitFor();
  await resident.colour("green").waitFor();
  await resident.text(/数据是 [34] 小时前的/).waitFor();
  const code = await resident.code();
  expect(await scan(node, code, 3 * HOUR)).toMatchObject({ code: { standing: "green", olderHours: 4 } });
  expect(await scan(node, code, 3 * HOUR, { strict: true })).toMatchObject({ reason: "stale" });
  await resident.go("why");
  await resident.text(zhCN.code.noGround).waitFor();
});

test("the code of a page with a network ends after ten minutes, and without one the next takes its place", async () => {
  const resident = await green();
  const first = await resident.code();
  expect(await scan(node, first)).toMatchObject({ kind: "verified" });
  expect(await scan(node, first, 10 * MINUTE)).toMatchObject({ reason: "expired" });
  await resident.context.setOffline(true);
  await resident.page.clock.setFixedTime((now() + 11 * MINUTE) * 1000);
  await expect.poll(async () => scan(node, await resident.code(), 11 * MINUTE)).toMatchObject({ kind: "verified" });
});

test("the checkpoint page opens without a network and decides by the lists that it holds", async () => {
  const resident = await green();
  const checkpoint = keep(await CheckpointPage.at(browser, node, now(), VENUE));
  await checkpoint.goOffline();
  expect(await checkpoint.page.evaluate(() => fetch("/v1/roots").then(() => "answered", () => "no network"))).toBe("no network");
  await checkpoint.setClock(now());
  await checkpoint.enter(await resident.code());
  expect((await checkpoint.answer()).decision).toBe("pass");
  await checkpoint.setClock(now() + 31 * 24 * HOUR);
  await checkpoint.list("trust").and(checkpoint.page.locator("[data-state=tooOld]")).waitFor();
});

test("the first visit of the resident page is small, with what is kept for use without a network", async () => {
  const context = keep(await profile(browser, { viewport: { width: 360, height: 780 }, locale: "zh-CN" }));
  const page = await context.newPage();
  const sizes: Promise<{ responseBodySize: number; responseHeadersSize: number }>[] = [];
  const asked: string[] = [];
  context.on("requestfinished", (request) => {
    asked.push(`${request.serviceWorker() ? "worker" : "page"} ${new URL(request.url()).pathname}`);
    sizes.push(request.sizes());
  });
  await page.goto(node.url, { waitUntil: "networkidle" });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  expect(asked, "the worker's are counted").toContain("worker /resident.webmanifest");
  const sent = await Promise.all(sizes);
  const bytes = sent.reduce((sum, size) => sum + size.responseBodySize + size.responseHeadersSize, 0);
  console.log(`first visit of the resident page: ${bytes} bytes as the node sends them, in ${sent.length} answers`);
  expect(sent.length).toBeGreaterThan(3);
  expect(bytes).toBeLessThan(150_000);
});
