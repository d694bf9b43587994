/** The page of risk areas, in a real browser, with a real node. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { showInstant } from "../src/clock";
import { en } from "../src/risk/messages/en";
import { zhCN } from "../src/risk/messages/zh-CN";
import { zhTW } from "../src/risk/messages/zh-TW";
import { launch, PICTURES, profile } from "./browser";
import { cutOff, seriousFindings } from "./findings";
import { instant } from "./issuer";
import { RunningNode } from "./node";
import { now } from "./scan";

const HOUR = 3600;
/** The last full hour, as the list names it. */
const listed = now() - (now() % HOUR);

let node: RunningNode;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  node = await RunningNode.start();
  browser = await launch({ trusted: node.certificate });
  await node.post("headquarters", "/v1/staff/risk-snapshots", snapshot(["海融富华苑", "青云小区（除6号楼）"], ["机务段铁路综合楼"]));
});

afterEach(() => context?.close());

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

/** The national list with these places of Xincheng. */
function snapshot(high: string[], medium: string[]): object {
  const hour = instant(listed).slice(0, 13).replace("T", " ");
  const area = (communitys: string[]) => [{ province: "陕西省", city: "西安市", county: "新城区", communitys }];
  const data = { end_update_time: `${hour}时`, hcount: high.length, mcount: medium.length, highlist: area(high), middlelist: area(medium) };
  return { data, code: 0 };
}

async function open(path: string, width = 360, locale = "zh-CN"): Promise<Page> {
  context = await profile(browser, { viewport: { width, height: width < 600 ? 780 : 860 }, locale });
  const page = await context.newPage();
  await page.goto(node.url + path);
  await page.locator("main h1").waitFor();
  return page;
}

test("from the start of the resident page down to a compound, without a city turning red", async () => {
  const page = await open("/");
  await page.getByRole("link", { name: "查风险地区" }).click();
  await page.getByRole("link", { name: "陕西省" }).click();
  await page.getByText(zhCN.own.low).waitFor();
  await page.getByRole("link", { name: "西安市" }).click();
  await page.getByRole("link", { name: "新城区" }).click();
  await page.waitForURL("**/r/610102");
  await page.getByText(zhCN.own.low).waitFor();
  await page.getByText("其中：高风险 2 处，中风险 1 处").waitFor();
  const places = await page.locator("section .place").allTextContents();
  expect(places).toHaveLength(3);
  expect(places.filter((text) => text.includes(zhCN.level.high))).toHaveLength(2);
  expect(places.find((text) => text.includes("青云小区"))).toMatch(/不含：\s*陕西省 西安市 新城区 .*6号楼/);
  expect(places.find((text) => text.includes("机务段铁路综合楼"))).toContain(`${showInstant(instant(listed), "zh-CN")} 起`);
});

test("a place is found by its name, and its own address shows it", async () => {
  const page = await open("/r/");
  await page.locator("input[name=name]").fill("新城区 海融");
  await page.getByRole("button", { name: zhCN.search }).first().click();
  await page.getByRole("link", { name: /海融富华苑/ }).click();
  await page.waitForURL(/\/r\/610102\.\d+$/);
  await page.getByText(zhCN.own.high).waitFor();
  expect(await page.locator("svg.qr").getAttribute("data-text")).toBe(page.url());
  const before = encodeURIComponent(instant(listed - 1).slice(0, 16));
  await page.goto(`${node.url}/r/610102?at=${before}`);
  await page.getByText(zhCN.none).waitFor();
});

test("what was looked at opens again without a network, and says how old it is", async () => {
  const page = await open("/r/610102");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  await page.reload();
  await page.getByText(zhCN.kept).waitFor();
  expect(await page.locator("section .place").count()).toBe(3);
  expect(await page.locator("main").textContent()).toMatch(/数据截至 \d{4}年/);
  await page.goto(`${node.url}/r/6101`);
  await page.getByText(zhCN.unreachable).waitFor();
});

const TEXTS = { "zh-CN": zhCN, "zh-TW": zhTW, en } as const;
const CASES = (Object.keys(TEXTS) as (keyof typeof TEXTS)[]).flatMap((locale) => [[360, locale], [1280, locale]] as const);

test.each(CASES)("no address has a serious finding or is cut off at %i pixels in %s", async (width, locale) => {
  const page = await open("/r/", width, locale);
  for (const [name, path] of [["country", ""], ["county", "610102"], ["name", "?name=新城区"], ["too-old", "61?at=2020-12-14T08:00"]]) {
    await page.goto(`${node.url}/r/${path}`);
    await page.locator("main").getByText(name === "too-old" ? TEXTS[locale].tooOld : /610102|陕西/).first().waitFor();
    await page.getByRole("heading", { name: TEXTS[locale].find }).waitFor();
    await page.screenshot({ path: join(PICTURES, `risk-${name}-${width}-${locale}.png`), fullPage: true });
    expect(await cutOff(page), name).toEqual([]);
    expect(await seriousFindings(page), name).toEqual([]);
  }
});
