/** Every screen of the checkpoint page, small and large: no serious finding of axe-core, nothing cut off. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filmOf, launch, PICTURES } from "./browser";
import { CheckpointPage, type Chosen } from "./checkpoint-page";
import { cutOff, seriousFindings } from "./findings";
import { Issuer } from "./issuer";
import { placeUntil, Site } from "./site";

const HOUR = 3600;
const NOW = Math.ceil(Date.now() / 60_000) * 60;

const VENUE: Chosen = { placeClass: "venue" };

let issuer: Issuer;
let site: Site;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  console.log(`pictures of the screens: ${PICTURES}`);
  issuer = new Issuer(NOW, NOW - HOUR);
  site = await Site.open();
  site.served.set("/v1/roots", issuer.roots);
  site.served.set("/v1/trust-list", issuer.trustList);
  site.served.set("/v1/status-lists/1", issuer.statusList(1, [5], NOW - 60));
  site.served.set("/v1/places/42", placeUntil(NOW + 24 * HOUR));
  const film = new Issuer(NOW, NOW - HOUR);
  const first = await launch();
  const seen = await filmOf(first, film.livePicture());
  await first.close();
  browser = await launch({ film: seen });
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

interface Screen {
  name: string;
  chosen?: Chosen;
  act: (page: CheckpointPage) => Promise<void>;
}

const answerTo = (text: () => string) => async (page: CheckpointPage) => {
  await page.enter(text());
  await page.answer();
};

const SCREENS: Screen[] = [
  {
    name: "look-up",
    act: async (page) => {
      await page.load("42");
      await page.page.route("**/v1/checkpoint/look-ups", (route) => route.fulfill({ json: { answer: "lane" } }));
      await page.page.locator("[data-look-up] summary").click();
      await page.lookUpPassport("D", "C01X00T47");
    },
  },
  { name: "start", act: () => Promise.resolve() },
  {
    name: "place",
    act: async ({ page }) => {
      await page.locator("input[name=class][value=venue]").check();
      await page.locator("input[name=level][value=medium]").check();
    },
  },
  { name: "no-check", act: (page) => page.choose({ ...VENUE, level: "low" }) },
  { name: "ready", chosen: VENUE, act: () => Promise.resolve() },
  { name: "pass", chosen: VENUE, act: answerTo(() => issuer.live({ isOpen: true })) },
  {
    name: "pass-dependent-older",
    chosen: VENUE,
    act: async (page) => {
      await page.setClock(NOW + 3 * HOUR);
      await answerTo(() => issuer.paper({ index: 5, guardian: { name: "王红", relation: "parent" } }))(page);
    },
  },
  { name: "stop-red", chosen: VENUE, act: answerTo(() => issuer.live({ colour: "red" })) },
  { name: "stop-yellow", chosen: VENUE, act: answerTo(() => issuer.live({ colour: "yellow" })) },
  { name: "stop-picture", chosen: VENUE, act: answerTo(() => issuer.live({ at: NOW - 120 })) },
  { name: "lane-hospital", chosen: { placeClass: "hospital" }, act: answerTo(() => issuer.live({ colour: "red" })) },
  {
    name: "cannot-tell",
    chosen: VENUE,
    act: async (page) => {
      await page.setClock(NOW + 31 * 24 * HOUR);
      await answerTo(() => issuer.live())(page);
    },
  },
  { name: "temperature", chosen: { ...VENUE, temperature: true }, act: answerTo(() => issuer.live()) },
  {
    name: "fever",
    chosen: { ...VENUE, temperature: true },
    act: async (page) => {
      await answerTo(() => issuer.live())(page);
      await page.measure("378");
      await page.measure("379");
      await page.page.getByText("37.9").waitFor();
    },
  },
];

const SIZES = [[360, 780], [1280, 800]] as const;
const CASES = ["zh-CN", "zh-TW", "en"].flatMap((locale) => SCREENS.map((screen) => [screen.name, locale, screen] as const));

test.each(CASES)("%s in %s", async (name, locale, { chosen, act }) => {
  const checkpoint = chosen
    ? await CheckpointPage.at(browser, site, NOW, chosen, 360, locale)
    : await CheckpointPage.open(browser, site, NOW, 360, locale);
  const { page } = checkpoint;
  await page.locator(".environment").waitFor();
  await act(checkpoint);
  const isAnswer = (await page.locator("[data-answer]").count()) > 0;
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(PICTURES, `${name}-${width}-${locale}.png`), fullPage: !isAnswer });
    expect(await cutOff(page)).toEqual([]);
    // The same screens in another language have the same structure, colours and sizes.
    if (locale === "zh-CN") expect(await seriousFindings(page)).toEqual([]);
  }
  await checkpoint.close();
});

test("the camera sees a code of another issuer, which counts for nothing", async () => {
  const checkpoint = await CheckpointPage.at(browser, site, NOW, VENUE, 360, "zh-TW");
  await checkpoint.startCamera();
  expect(await checkpoint.answer()).toMatchObject({ decision: "stop", help: "invalid" });
  await checkpoint.page.screenshot({ path: join(PICTURES, "camera-stranger-360.png") });
  await checkpoint.next();
  await checkpoint.page.screenshot({ path: join(PICTURES, "camera-360.png") });
  await checkpoint.close();
});
