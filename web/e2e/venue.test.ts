/** From the screen at an entrance to a warning on a phone: both pages in real browsers, with a real node. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { en as residentEn } from "../src/resident/messages/en";
import { zhCN as residentZhCN } from "../src/resident/messages/zh-CN";
import { zhTW as residentZhTW } from "../src/resident/messages/zh-TW";
import { zhCN as screenTexts } from "../src/venue/messages/zh-CN";
import { blankFilm, launch, PICTURES, profile, showOn } from "./browser";
import { cutOff, seriousFindings } from "./findings";
import { instant } from "./issuer";
import { RunningNode } from "./node";
import { ResidentPage } from "./resident-page";
import { now } from "./scan";

const DAY = 24 * 3600;
const NAME = "人民公园南门";

/** What a pack of the test says, from a day ago on. */
const REPORTED = `[venue_visits]
from = "${instant(now() - DAY)}"
until = "${instant(now() + 9 * DAY)}"
days = 4
source = "试行第七条：进入场所扫码登记"
reason = { zh-CN = "为尽快找到接触者。", zh-TW = "為儘快找到接觸者。", en = "To find contacts quickly." }
`;

let node: RunningNode;
/** One under whose rules visits are reported. */
let reporting: RunningNode;
let browser: Browser;
let reportingBrowser: Browser;
let opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  node = await RunningNode.start();
  reporting = await RunningNode.start(REPORTED);
  browser = await launch({ trusted: node.certificate });
  reportingBrowser = await launch({ trusted: reporting.certificate });
});

afterEach(async () => {
  for (const one of opened.reverse()) await one.close();
  opened = [];
});

afterAll(async () => {
  await browser?.close();
  await reportingBrowser?.close();
  await node?.stop();
  await reporting?.stop();
});

interface Venue {
  readonly venue: string;
  readonly enrolment: { readonly code: string };
}

function register(by = node, area = "420602"): Promise<Venue> {
  return by.post("desk", "/v1/staff/venues", { name: NAME, area });
}

async function pageOf(width: number, locale = "zh-CN", by = browser): Promise<[Page, BrowserContext]> {
  const context = await profile(by, { viewport: { width, height: 780 }, locale });
  opened.push(context);
  return [await context.newPage(), context];
}

/** An enrolled screen whose clock is some seconds behind, which every phone allows for. */
async function screenOf({ enrolment }: Venue, behind = 0, width = 1280, locale = "zh-CN", of = node, by = browser): Promise<Page> {
  const [page] = await pageOf(width, locale, by);
  await page.clock.setFixedTime((now() - behind) * 1000);
  await page.goto(`${of.url}/venue/`);
  await page.locator("input[name=code]").fill(enrolment.code.toLowerCase());
  await page.locator("button[type=submit]").click();
  await page.locator("svg.qr").waitFor();
  return page;
}

async function linkOn(screen: Page): Promise<string> {
  return (await screen.locator("svg.qr").getAttribute("data-text")) as string;
}

test("a link is opened, the visit stays on the phone, and nothing that is sent tells of it", async () => {
  const venue = await register();
  const screen = await screenOf(venue);
  const link = await linkOn(screen);
  const [phone] = await pageOf(360);
  const sent: string[] = [];
  phone.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`));
  await phone.goto(link);
  await phone.locator("[data-outcome=verified]").waitFor();
  await phone.locator("[data-visit]", { hasText: NAME }).waitFor();
  await expect.poll(() => new URL(phone.url()).hash).toBe("#venues");
  await phone.reload();
  await phone.locator("[data-visit]", { hasText: NAME }).waitFor();
  const token = link.slice(link.indexOf("#venue=") + 7);
  await phone.getByText(residentZhCN.venues.report.none).waitFor();
  expect(sent.some((request) => request.includes("/v1/venue-warnings"))).toBe(true);
  expect(sent.filter((request) => request.includes(token) || request.includes(venue.venue))).toEqual([]);
  await phone.getByRole("button", { name: residentZhCN.venues.leave }).click();
  await expect.poll(() => phone.getByRole("button", { name: residentZhCN.venues.leave }).count()).toBe(0);
});

test("a poster makes no visit, and a visit is erased after its bound", async () => {
  const link = await linkOn(await screenOf(await register()));
  const [phone] = await pageOf(360);
  await phone.goto(link);
  await phone.locator("[data-visit]").waitFor();
  await phone.clock.setFixedTime((now() + 61) * 1000);
  await phone.evaluate((hash) => (location.hash = hash), link.slice(link.indexOf("#") + 1));
  await phone.getByText(residentZhCN.venues.refused.poster).waitFor();
  expect(await phone.locator("[data-visit]").count()).toBe(1);
  const [other] = await pageOf(360);
  await other.clock.setFixedTime((now() + 61) * 1000);
  await other.goto(link);
  await other.getByText(residentZhCN.venues.refused.poster).waitFor();
  expect(await other.locator("[data-visit]").count()).toBe(0);
  await phone.clock.setFixedTime((now() + 15 * DAY) * 1000);
  await phone.reload();
  await phone.getByText(residentZhCN.venues.none).waitFor();
});

test("a page that is closed while it reads a link loses no visit", async () => {
  const link = await linkOn(await screenOf(await register()));
  const [phone] = await pageOf(360);
  await phone.goto(`${node.url}/#venues`);
  await phone.getByText(residentZhCN.venues.report.none).waitFor();
  // The signature is never found good or bad: the page is closed before.
  await phone.evaluate(
    (hash) =>
      new Promise<void>((resolve) => {
        crypto.subtle.verify = () => new Promise(() => resolve());
        location.hash = hash;
      }),
    new URL(link).hash,
  );
  await phone.reload();
  await phone.locator("[data-visit]", { hasText: NAME }).waitFor();
  await expect.poll(() => new URL(phone.url()).hash).toBe("#venues");
});

test("the camera reads the screen, and once it has, without a network too", async () => {
  const film = blankFilm();
  const own = await launch({ film, trusted: node.certificate });
  opened.push(own);
  const screen = await screenOf(await register());
  await showOn(film, browser, await screen.locator("svg.qr").screenshot());
  const [phone] = await pageOf(360, "zh-CN", own);
  await phone.goto(`${node.url}/#venues`);
  await phone.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await phone.locator("[data-scan]").click();
  await phone.locator("[data-outcome=verified]").waitFor();
  await phone.locator("[data-visit]", { hasText: NAME }).waitFor();
  await phone.context().setOffline(true);
  await phone.reload();
  await phone.locator("[data-scan]").click();
  await phone.locator("[data-outcome=verified]").waitFor();
});

test("a withdrawn screen asks for a new code", async () => {
  const venue = await register();
  const screen = await screenOf(venue);
  await node.delete("desk", `/v1/staff/venues/${venue.venue}/devices`);
  await screen.reload();
  await screen.locator("[data-problem=withdrawn]").waitFor();
  await screen.locator("input[name=code]").fill(venue.enrolment.code);
  await screen.getByRole("button", { name: screenTexts.enrolButton }).click();
  await screen.locator("[data-problem=wrong]").waitFor();
});

const TEXTS = { "zh-CN": residentZhCN, "zh-TW": residentZhTW, en: residentEn } as const;
const CASES = (Object.keys(TEXTS) as (keyof typeof TEXTS)[]).flatMap((locale) => [[360, locale], [1280, locale]] as const);

test.each(CASES)("who was there is warned and told what to do, at %i pixels in %s", async (width, locale) => {
  const venue = await register();
  const screen = await screenOf(venue, 20, width, locale);
  const [phone] = await pageOf(width, locale);
  await phone.goto(await linkOn(screen));
  await phone.locator("[data-visit]").waitFor();
  expect(await phone.locator("[data-warning]").count()).toBe(0);
  const time = { from: instant(now() - 3600), until: instant(now() - 1) };
  await node.post("disease-control", "/v1/staff/venue-warnings", { venue: venue.venue, ...time });
  await phone.goto(`${node.url}/#start`);
  await phone.reload();
  await phone.getByRole("link", { name: TEXTS[locale].venues.warned }).click();
  await phone.locator("[data-warning]", { hasText: NAME }).waitFor();
  await phone.getByText(TEXTS[locale].venues.toDo.test).waitFor();
  for (const [name, page] of [["phone", phone], ["screen", screen]] as const) {
    await page.screenshot({ path: join(PICTURES, `venue-${name}-${width}-${locale}.png`), fullPage: true });
    expect(await cutOff(page), name).toEqual([]);
    expect(await seriousFindings(page), name).toEqual([]);
  }
});

test.each(CASES)("visits are reported when the holder has read why, once each, at %i pixels in %s", async (width, locale) => {
  const texts = TEXTS[locale].venues;
  const resident = await ResidentPage.registered(reportingBrowser, reporting);
  opened.push(resident);
  const { page: phone } = resident;
  await phone.setViewportSize({ width, height: 780 });
  await phone.evaluate((tag) => localStorage.setItem("yima-language", tag), locale);
  const sent: string[] = [];
  phone.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/v1/me/venue-visits")) sent.push(request.postData() ?? "");
  });
  const here = await screenOf(await register(reporting, "610102"), 0, 1280, "zh-CN", reporting, reportingBrowser);
  const elsewhere = await screenOf(await register(reporting, "420602"), 0, 1280, "zh-CN", reporting, reportingBrowser);
  await phone.goto(await linkOn(elsewhere));
  await phone.reload();
  await phone.locator("[data-demand]").waitFor();
  await phone.evaluate((hash) => (location.hash = hash), new URL(await linkOn(here)).hash.slice(1));
  await expect.poll(() => phone.locator("[data-visit]").count()).toBe(2);
  expect(await phone.locator("[data-waiting]").count(), "what the rules are not about is not asked for").toBe(1);
  expect(sent, "nothing is sent before it was read").toEqual([]);
  const look = async (name: string) => {
    await phone.screenshot({ path: join(PICTURES, `visits-${name}-${width}-${locale}.png`), fullPage: true });
    expect(await cutOff(phone), name).toEqual([]);
    expect(await seriousFindings(phone), name).toEqual([]);
  };
  await look("asked");
  await phone.getByRole("button", { name: texts.report.read }).click();
  await phone.locator("[data-stored]").waitFor();
  expect(await phone.locator("[data-stored]").count(), "what the rules are not about stays here").toBe(1);
  await expect.poll(() => phone.locator("[data-waiting]").count()).toBe(0);
  await look("stored");
  await phone.reload();
  await phone.locator("[data-stored]").waitFor();
  expect(sent.length, "only what the rules are about, and once").toBe(1);
});
