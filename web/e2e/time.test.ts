/** What time brings, in real browsers with a real node whose clock is put ahead. */

import type { Browser } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { zhCN as checkpointTexts } from "../src/checkpoint/messages/zh-CN";
import { zhCN } from "../src/resident/messages/zh-CN";
import { filmOf, launch } from "./browser";
import { CheckpointPage } from "./checkpoint-page";
import { instant } from "./issuer";
import { accountOf, RunningNode } from "./node";
import { ResidentPage } from "./resident-page";
import { now, scan } from "./scan";

const HOUR = 3600;
const DAY = 24 * HOUR;

let node: RunningNode;
let browser: Browser;

beforeEach(async () => {
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
