/** What time brings, in real browsers with a real node whose clock is put ahead. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { zhCN as checkpointTexts } from "../src/checkpoint/messages/zh-CN";
import { zhCN } from "../src/resident/messages/zh-CN";
import { filmOf, launch, PICTURES } from "./browser";
import { CheckpointPage } from "./checkpoint-page";
import { cutOff, seriousFindings } from "./findings";
import { instant } from "./issuer";
import { accountOf, RunningNode } from "./node";
import { ResidentPage } from "./resident-page";
import { now, scan } from "./scan";

const HOUR = 3600;
const DAY = 24 * HOUR;
const SIZES = ["zh-CN", "zh-TW", "en"].flatMap((locale) => [[360, locale], [1280, locale]] as const);

let node: RunningNode;
let browser: Browser;

beforeEach(async () => {
  mkdirSync(PICTURES, { recursive: true });
  node = await RunningNode.start();
  browser = await launch({ trusted: node.certificate });
});

afterEach(async () => {
  await browser?.close();
  await node?.stop();
});

/** Puts the clocks of the node and of a resident's phone ahead. */
async function ahead(hours: number, resident: ResidentPage): Promise<void> {
  await node.ahead(hours);
  await resident.page.clock.setFixedTime((now() + hours * HOUR) * 1000);
  await resident.page.reload();
}

/** The kinds of the facts in the record of who is signed in. */
function kindsOfFacts(resident: ResidentPage): Promise<string[]> {
  return resident.page.evaluate(async () => {
    const facts = (await (await fetch("/v1/me/facts")).json()) as { kind: string }[];
    return facts.map(({ kind }) => kind);
  });
}

test("R-66: the first code waits for the review that is ordered, for a day; then it comes and says that nobody has reviewed", async () => {
  const order = { until: instant(now() + DAY), legal_basis: "西安市疫情防控指挥部通告" };
  await node.put("headquarters", "/v1/staff/review-orders/610103", order);
  const resident = await ResidentPage.registered(browser, node, { dwellings: [{ areas: ["陕西省", "西安市", "碑林区"] }] });
  await node.compareEverybody();
  const qr = resident.page.locator(".card svg.qr");
  for (const hours of [0, 23]) {
    if (hours > 0) await ahead(hours, resident);
    await resident.go("why");
    await resident.text(/首次申领正在复核，最迟 .*日 \d\d:\d\d 出码。/).waitFor();
    await resident.go("code");
    await resident.text(zhCN.problem["awaiting-review"]).waitFor();
    expect(await qr.count()).toBe(0);
  }
  await ahead(25, resident);
  await resident.colour("green").waitFor();
  await resident.text(/首次申领没有人复核；.*日 \d\d:\d\d 期限已到，按已有的情况出码。/).waitFor();
  expect(await scan(node, await resident.code(), 25 * HOUR)).toMatchObject({ code: { standing: "green" } });
  await resident.go("why");
  await resident.text(/首次申领没有人复核/).waitFor();
});

test("R-84: who is away need not apply, and has lost nothing by it after the return", async () => {
  const resident = await ResidentPage.bound(browser, node);
  await resident.go("apply");
  const first = resident.page.locator("form input[type=radio]").first();
  expect(await first.getAttribute("name"), "the first question decides").toBe("situation");
  await resident.page.locator("input[name=situation][value=away]").check();
  await resident.text(zhCN.apply.awayNote).waitFor();

  await ahead(5 * 24, resident);
  await resident.go("code");
  await resident.text(zhCN.bind.about).waitFor();
  expect(await resident.page.locator(".sign").count(), "whoever has not applied has no colour").toBe(0);
  await resident.bind();
  await resident.fill({ situation: "atHome" });
  await resident.submit();
  await resident.field("name").waitFor();
  await node.compareEverybody(5 * DAY);
  await resident.go("code");
  await resident.colour("green").waitFor();
  await resident.go("why");
  await resident.text(zhCN.code.noGround).waitFor();
  await resident.go("timeline");
  const steps = resident.page.locator(".steps > li");
  await steps.filter({ hasText: zhCN.timeline.now }).waitFor();
  const before = await steps.evaluateAll((items) => items.slice(0, items.findIndex((item) => item.ariaCurrent === "step")).map((item) => item.querySelector(".sign")?.className));
  expect(before.length).toBeGreaterThan(0);
  for (const sign of before) expect(sign, "only what was waited for").toContain("grey");
});

test("R-87: who waits for longer than a day is told that it is late and whom to call, and is promised no day that has passed", async () => {
  const resident = await ResidentPage.registered(browser, node);
  const { page } = resident;
  const pending = page.locator("[data-pending]");
  await ahead(1, resident);
  await resident.go("code");
  await resident.colour("green").waitFor();
  // What the node itself finds is there before the match, which a later finding would clear.
  await expect.poll(() => kindsOfFacts(resident)).toContain("comparison");
  const [person, found] = [await resident.person(), new Date(Date.now() + HOUR * 1000).toISOString()];
  const comparison = { person, kind: "comparison", at: found, list: "four-classes", as_of: found };
  await node.file("register", { ...comparison, matched: true });
  await page.reload();
  await pending.getByText(/从 .*日 \d\d:\d\d 起重新等待比对结果/).waitFor();
  await pending.getByText(/到 .*日 \d\d:\d\d 还没有出码，请打电话。/).waitFor();
  expect(await pending.getByRole("alert").count()).toBe(0);

  await resident.context.setOffline(true);
  await page.clock.setFixedTime((now() + 26 * HOUR) * 1000);
  await pending.getByText(/本应最迟 .*日 \d\d:\d\d 出码；这部手机从 .* 起没有收到新消息/).waitFor();
  await resident.context.setOffline(false);

  await ahead(26, resident);
  await pending.getByText(/已经超时：本应最迟 .*日 \d\d:\d\d 出码。.*请打电话查询/).waitFor();
  expect(await pending.locator("a[href^='tel:']").count()).toBe(1);
  expect(await pending.getByText(/还没有出码，请打电话。/).count()).toBe(0);
  for (const [width, locale] of SIZES) {
    await page.evaluate((tag) => localStorage.setItem("yima-language", tag), locale);
    await page.setViewportSize({ width, height: 860 });
    await page.reload();
    await pending.getByRole("alert").waitFor();
    await page.screenshot({ path: join(PICTURES, `resident-late-${width}-${locale}.png`), fullPage: true });
    expect(await cutOff(page), `${width} ${locale}`).toEqual([]);
    expect(await seriousFindings(page), `${width} ${locale}`).toEqual([]);
  }
  const cleared = instant(now() + 26 * HOUR);
  await node.file("register", { ...comparison, at: cleared, as_of: cleared, matched: false });
  await page.reload();
  await resident.colour("green").waitFor();
});

test("R-73: a normal temperature that a checkpoint files with a child's paper code is that day's check-in", async () => {
  const guardian = await ResidentPage.registered(browser, node);
  await guardian.takeInCare("王小宝");
  await node.compareEverybody();
  const sheet = await guardian.paperOfDependent();
  const film = await filmOf(browser, await sheet.locator("svg.qr").screenshot());
  await ahead(71, guardian);

  const camera = await launch({ film, trusted: node.certificate });
  const place = { placeClass: "venue", temperature: true };
  const checkpoint = await CheckpointPage.at(camera, node, now() + 71 * HOUR, place, 360, "zh-CN");
  await checkpoint.signIn(accountOf("checkpoint"));
  await checkpoint.page.getByText(checkpointTexts.staff.done).waitFor();
  await checkpoint.startCamera();
  expect((await checkpoint.answer()).text).toContain(checkpointTexts.temperature.first);
  await checkpoint.measure("365");
  await checkpoint.page.getByText(checkpointTexts.temperature.filed).waitFor();
  expect((await checkpoint.answer()).decision).toBe("pass");
  await camera.close();

  // Without a check-in green ends after 72 hours, as it does for the guardian.
  await ahead(74, guardian);
  await guardian.go("code");
  await guardian.colour("yellow").waitFor();
  await guardian.go("family");
  await guardian.page.locator(".member .primary").click();
  await guardian.colour("green").waitFor();
});
