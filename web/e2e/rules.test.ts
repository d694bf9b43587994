/** The page of the rules, in a real browser, with a real node. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { en } from "../src/rules/messages/en";
import { zhCN } from "../src/rules/messages/zh-CN";
import { zhTW } from "../src/rules/messages/zh-TW";
import { launch, PICTURES, profile } from "./browser";
import { cutOff, seriousFindings } from "./findings";
import { RunningNode } from "./node";

let node: RunningNode;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  node = await RunningNode.start();
  browser = await launch({ trusted: node.certificate });
});

afterEach(() => context?.close());

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

async function open(path: string, width = 360, locale = "zh-CN"): Promise<Page> {
  context = await profile(browser, { viewport: { width, height: width < 600 ? 780 : 860 }, locale });
  const page = await context.newPage();
  await page.goto(node.url + path);
  await page.locator("main h1").waitFor();
  return page;
}

test("from the start of the resident page to a rule, its notice, and what puts a region on its list", async () => {
  const page = await open("/");
  await page.getByRole("link", { name: "查规则" }).click();
  await page.getByRole("link", { name: /陕西/ }).first().click();
  await page.waitForURL("**/rules/shaanxi-2020-12");
  const rule = page.locator("#SX-3A");
  await rule.getByText(zhCN.source).waitFor();
  expect(await rule.getByText(zhCN.colour.red).count()).toBe(1);
  const lists = page.locator("article", { hasText: zhCN.evidence });
  const regions = lists.filter({ hasText: "黑龙江省 牡丹江市" });
  expect(await regions.textContent()).toContain(zhCN.evidenceOf.cases);
  // The notice does not say what puts a person on the register, and the page does not make it up.
  expect(await lists.filter({ hasText: "密切接触者数据库" }).textContent()).toContain(zhCN.evidenceOf.none);
});

test("what guards against import, what guards against spread, and what is procedure stand apart", async () => {
  const page = await open("/rules/shaanxi-2020-12");
  await page.locator("#SX-3A").waitFor();
  const of = async (purpose: string) => {
    const rules = page.locator(`[data-purpose=${purpose}] article`);
    return Promise.all((await rules.all()).map((rule) => rule.getAttribute("id")));
  };
  expect(await of("arrivals")).toEqual(["SX-2A", "SX-3B"]);
  expect(await of("procedure")).toEqual(["SX-0", "SX-1P", "SX-4"]);
  expect(await of("inside")).toContain("SX-3A");
  const register = page.locator("article", { hasText: "密切接触者数据库" });
  expect(await register.textContent()).toContain(zhCN.keptHere);
});

test("rules that are not there lead back to all rules, and without a network the page says so", async () => {
  const page = await open("/rules/shaanxi-1920");
  await page.getByText(zhCN.failed).waitFor();
  await page.getByRole("link", { name: zhCN.all }).click();
  await page.getByText(zhCN.about).waitFor();
  await page.route("**/v1/**", (route) => route.abort());
  await page.reload();
  await page.getByText(zhCN.unreachable).waitFor();
});

const TEXTS = { "zh-CN": zhCN, "zh-TW": zhTW, en } as const;
const CASES = (Object.keys(TEXTS) as (keyof typeof TEXTS)[]).flatMap((locale) => [[360, locale], [1280, locale]] as const);

test.each(CASES)("no page has a serious finding or is cut off at %i pixels in %s", async (width, locale) => {
  const page = await open("/rules/", width, locale);
  for (const path of ["/rules/", "/rules/shaanxi-2020-12"]) {
    await page.goto(node.url + path);
    await page.locator(path === "/rules/" ? "a.pack" : "article").first().waitFor();
    await page.screenshot({ path: join(PICTURES, `rules-${path.slice(7) || "all"}-${width}-${locale}.png`), fullPage: true });
    expect(await cutOff(page), path).toEqual([]);
    expect(await seriousFindings(page), path).toEqual([]);
  }
  for (const heading of Object.values(TEXTS[locale].purpose)) await page.getByRole("heading", { name: heading }).waitFor();
});
