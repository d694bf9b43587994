/** What a resident does, in a real browser, with a real node. Each of the fourteen questions of 2020 has a test; that of R-84 takes days. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { showDate, showInstant } from "../src/clock";
import { zhCN as checkpointTexts } from "../src/checkpoint/messages/zh-CN";
import { zhCN } from "../src/resident/messages/zh-CN";
import { SCREENS } from "../src/resident/route";
import { zhCN as rulesZhCN } from "../src/rules/messages/zh-CN";
import { launch, PICTURES } from "./browser";
import { CheckpointPage } from "./checkpoint-page";
import { cutOff, seriousFindings } from "./findings";
import { instant } from "./issuer";
import { RunningNode } from "./node";
import { type Filled, GUANGZHOU, nextNumber, ResidentPage, XIAN, XIANGYANG } from "./resident-page";
import { now, scan } from "./scan";

const MINUTE = 60;
const DAY = 24 * 3600;
const IN_XIAN = [{ areas: XIAN, text: "宾馆 301" }, { areas: XIANGYANG, text: "家里" }];
const TWO_DWELLINGS = [{ areas: XIANGYANG, text: "宾馆 301" }, { areas: ["陕西省"], text: "家里" }];
const dayBefore = (days: number) => instant(now() - days * DAY).slice(0, 10);

let node: RunningNode;
let browser: Browser;
let open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  node = await RunningNode.start();
  browser = await launch({ trusted: node.certificate });
});

afterEach(async () => {
  for (const resident of open) await resident.close();
  open = [];
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

async function visitor(width?: number, locale?: string): Promise<ResidentPage> {
  return keep(await ResidentPage.open(browser, node, width, locale));
}

async function bound(): Promise<ResidentPage> {
  return keep(await ResidentPage.bound(browser, node));
}

async function registered(filled?: Filled): Promise<ResidentPage> {
  return keep(await ResidentPage.registered(browser, node, filled));
}

function keep<T extends { close(): Promise<void> }>(page: T): T {
  open.push(page);
  return page;
}

test("apply, wait, green: the code on the screen passes a checkpoint of its own", async () => {
  const resident = await registered();
  await resident.go("code");
  await resident.colour("grey").waitFor();
  expect(await scan(node, await resident.code())).toMatchObject({ code: { standing: "grey" } });
  await node.compareEverybody();
  await resident.colour("green").waitFor();
  expect(await scan(node, await resident.code())).toMatchObject({ code: { standing: "green", who: undefined } });
  await expect.poll(async () => scan(node, await resident.code(), 0, { strict: true })).toMatchObject({ kind: "verified" });
  const before = await resident.code();
  await resident.page.locator("button[aria-pressed]").click();
  await resident.text("*明 · 出生于 9 日").waitFor();
  await expect.poll(() => resident.code()).not.toBe(before);
  expect(await scan(node, await resident.code())).toMatchObject({ code: { who: { character: "明", day: 9 } } });
});

test("R-83: a place that no list has is written as text and listed for operators; a new area can be chosen at once", async () => {
  const place = `新区幸福村${now()}`;
  const resident = await registered({ dwellings: [{ areas: XIANGYANG, place, text: "3 组" }] });
  expect(await resident.field("home").textContent()).toMatch(new RegExp(`襄城区\\s*${place}\\s*3 组`));
  const { places } = await node.get<{ places: { text: string; parent: string }[] }>("desk", "/v1/staff/unresolved-places");
  expect(places).toContainEqual(expect.objectContaining({ text: place, parent: "420602" }));

  const name = `新设社区${now()}`;
  await node.post("desk", "/v1/areas", { parent: "420602001", name });
  const other = await bound();
  const [street] = (await other.page.evaluate(async () => (await fetch("/v1/areas?parent=420602")).json())) as { name: string }[];
  await other.fill({ dwellings: [{ areas: [...XIANGYANG, street?.name ?? "", name] }] });
  expect(await other.page.locator("input[name=place]").count(), "the list goes to the end").toBe(0);
  await other.submit();
  await other.field("home").waitFor();
  expect(await other.field("home").textContent()).toContain(name);
});

test("R-85: somebody stranded fills in where they are now, and the form says which address counts", async () => {
  const resident = await bound();
  await resident.fill({ situation: "visiting", dwellings: TWO_DWELLINGS });
  await resident.text(zhCN.apply.whichCounts).waitFor();
  await resident.page.getByRole("button", { name: zhCN.apply.addDwelling }).click();
  await resident.chooseArea(resident.page.locator(".dwelling").nth(2), XIANGYANG);
  await resident.submit();
  await resident.field("present").waitFor();
  expect(await resident.field("workplace").textContent()).toContain("襄城区");
  expect(await resident.field("present").textContent()).toMatch(/襄城区\s*宾馆 301/);
  expect(await resident.field("home").textContent()).toMatch(/陕西省\s*家里/);
  await resident.go("why");
  await resident.text("适用的规则：湖北健康码").waitFor();
});

test("R-86: duty staff say so, and nobody asks them for days of isolation", async () => {
  const resident = await bound();
  await resident.fill({ onDuty: true });
  expect(await resident.page.locator("form input[type=number]").count()).toBe(0);
  await resident.submit();
  await resident.field("on-duty").waitFor();
  expect(await resident.field("on-duty").textContent()).toBe(zhCN.apply.yes);
});

test("R-87: who waits sees since when, how that is counted, until when at most, from when it holds, and since when the rules apply", async () => {
  await node.put("headquarters", "/v1/staff/transport-notices/61", TRANSPORT);
  const resident = await registered({ dwellings: [{ areas: XIAN }] });
  await resident.go("code");
  await resident.page.getByRole("timer").waitFor();
  expect(await resident.page.getByRole("timer").textContent()).toMatch(/00:0\d:\d\d/);
  await resident.text(/最迟 .*日 \d\d:\d\d 出码。/).waitFor();
  await resident.text(zhCN.pending.how).waitFor();
  await resident.text(zhCN.pending.counting).waitFor();
  await resident.text(zhCN.pending.effect).waitFor();
  expect(await resident.page.locator("[data-transport]").getAttribute("href")).toBe(TRANSPORT.url);
  await resident.page.getByRole("link", { name: zhCN.pending.allows }).click();
  await resident.text(zhCN.help.colours.text).waitFor();
  await resident.go("code");
  await resident.page.getByRole("link", { name: zhCN.pending.rules }).click();
  await resident.page.waitForURL("**/rules/shaanxi-2020-12");
  await resident.page.getByText(rulesZhCN.term, { exact: true }).waitFor();

  const appeared = now();
  await node.compareEverybody();
  await resident.page.goto(`${node.url}/#code`);
  await resident.colour("green").waitFor();
  expect(await resident.page.locator("[data-pending]").count()).toBe(0);
  await resident.go("timeline");
  const step = resident.page.locator("[aria-current=step]:has(.sign.green)");
  await step.waitFor();
  const shown = [appeared, appeared + MINUTE].map((time) => zhCN.timeline.from.replace("{time}", showInstant(instant(time), "zh-CN")));
  expect(shown, "green holds from the moment it appeared").toContain((await step.locator("> p").first().textContent())?.trim());
});

test("R-88: a child's paper code shows the guardian's name and relation, and no colour", async () => {
  const guardian = await registered({ name: "王大海" });
  await guardian.takeInCare("王小宝", "610103");
  await node.compareEverybody();
  const sheet = await guardian.paperOfDependent();
  const text = await sheet.textContent();
  expect(text).toContain("王小宝");
  expect(text).toContain(`${zhCN.relation.parent} 王大海`);
  for (const colour of Object.values(zhCN.colour)) expect(text).not.toContain(colour);
  const code = (await sheet.locator("svg.qr").getAttribute("data-text")) as string;
  const masked = { relation: "parent", character: "海" };
  await expect.poll(() => scan(node, code)).toMatchObject({ code: { standing: "passes", guardian: masked } });
  const passing = keep(await CheckpointPage.at(browser, node, now(), { placeClass: "venue" }, 360, "zh-CN"));
  await passing.enter(code);
  const pass = await passing.answer();
  expect(pass.text).toContain(checkpointTexts.answer.pass.say);
  expect(pass.text).toContain(`${checkpointTexts.answer.relation.parent} *海`);
  await guardian.page.emulateMedia({ media: "print" });
  expect(await guardian.page.locator("header").first().isVisible()).toBe(false);
  const pdf = await guardian.page.pdf({ preferCSSPageSize: true });
  expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)).toHaveLength(1);

  // Handling follows the colour: the page says what to do, and the paper lets nobody in any more.
  await guardian.page.emulateMedia({ media: "screen" });
  await guardian.declare(["fever"]);
  await guardian.go("why");
  const ground = guardian.page.locator("section.panel", { has: guardian.page.locator(".sign.small") }).first();
  await ground.getByText(zhCN.why.what).waitFor();
  expect((await ground.locator("dt", { hasText: zhCN.why.what }).locator("+ dd").textContent())?.trim()).not.toBe("");
  await expect.poll(() => scan(node, code)).toMatchObject({ kind: "refused", reason: "status_fallen" });
  const stopping = keep(await CheckpointPage.at(browser, node, now(), { placeClass: "venue" }, 360, "zh-CN"));
  await stopping.enter(code);
  expect(await stopping.answer()).toMatchObject({ decision: "stop", help: "paper" });
});

const DOCUMENTS: Filled[] = [
  { kind: 10, number: "810000199408230021" },
  { kind: 14, number: "H12345678", birth: "1985-06-30" },
  { kind: 15, number: "12345678" },
  { kind: 16, number: "T12345678" },
  { kind: 20, issuer: "FRA", number: "12AB34567", name: "Marie Dupont", birth: "1990-01-31" },
  { kind: 20, issuer: "D", number: "C01X00T47", name: "Erika Mustermann" },
  { kind: 34, number: "CAN110081080310" },
  { kind: 34, number: "911124198108030024" },
  { kind: 99, number: "A1" },
];

/** The code says whose it is, at once and on paper; the receipt says when they were born. */
async function belongsTo(resident: ResidentPage, birth: string): Promise<void> {
  const day = Number(birth.slice(8));
  await resident.page.locator("button[aria-pressed]").click();
  await resident.text(` · 出生于 ${day} 日`).waitFor();
  await expectOnPaper(resident, day);
  await resident.go("receipt");
  expect(await resident.field("birth").textContent()).toBe(`${birth} · ${zhCN.receipt.birth.stated}`);
}

async function expectOnPaper(resident: ResidentPage, day: number): Promise<void> {
  await resident.makePaper();
  const text = (await resident.page.locator(".sheet svg.qr").getAttribute("data-text")) as string;
  await node.compareEverybody();
  await expect.poll(() => scan(node, text)).toMatchObject({ kind: "verified", code: { who: { day } } });
}

test("R-89: somebody with a document of any kind can apply and has a code", async () => {
  for (const filled of DOCUMENTS) {
    const resident = await registered(filled);
    expect(await resident.field("number").textContent()).toContain(filled.number);
    await resident.go("code");
    expect(await scan(node, await resident.code()), filled.number).toMatchObject({ kind: "verified" });
    if (filled.birth) await belongsTo(resident, filled.birth);
    if (filled.kind === 99) {
      await resident.makePaper();
      await resident.page.locator("input[name=birth]").fill("1970-03-05");
      await expectOnPaper(resident, 5);
    }
    await resident.close();
  }
});

test("R-90: what was declared can be corrected as often as needed, with its history", async () => {
  const resident = await registered();
  for (const symptoms of [["fever"], ["cough", "fatigue"], []]) {
    await resident.go("start");
    await resident.go("declare");
    await resident.page.locator("input[name=amend]").nth(1).check();
    for (const box of await resident.page.locator("input[name=symptom]").all()) await box.uncheck();
    await resident.fillHealth({ symptoms });
    await resident.submit();
    await resident.text(zhCN.declare.stored).waitFor();
  }
  expect(await resident.page.locator("details").count()).toBe(4);
  expect(await resident.page.locator("summary", { hasText: zhCN.declare.replaced }).count()).toBe(3);
  expect(await resident.page.locator("details", { hasText: zhCN.declare.stands }).textContent()).toContain(zhCN.health.none);
});

test("R-91: the page says when a code is asked for, and each screen how to do without a phone", async () => {
  const resident = await visitor();
  await resident.page.locator("a[href='#help']").click();
  await resident.text(zhCN.help.must.text).waitFor();
  for (const screen of SCREENS) {
    await resident.go(screen);
    expect(await resident.page.locator("footer").textContent(), screen).toContain(zhCN.foot);
  }
  const place = keep(await CheckpointPage.open(browser, node, now()));
  await place.page.locator("input[name=class][value=venue]").check();
  await place.page.locator("input[name=level][value=medium]").check();
  const confirm = place.page.locator("form:has(input[name=class]) button[type=submit]");
  expect(await confirm.isEnabled(), "a place checks only with a basis and a term").toBe(false);
  await place.choose({ placeClass: "venue" });
  await place.page.getByText("鄂防指发〔2020〕83 号").waitFor();
});

test("R-92: a picture of the code is refused after a minute, while the phone shows a new one; one of a child's paper is not", async () => {
  const resident = await registered();
  await resident.go("code");
  const picture = await resident.code();
  expect(await scan(node, picture, 40)).toMatchObject({ kind: "verified" });
  expect(await scan(node, picture, 62)).toMatchObject({ kind: "refused", reason: "presentation_too_old" });
  const checkpoint = keep(await CheckpointPage.at(browser, node, now() + 62, { placeClass: "traffic" }, 360, "zh-CN"));
  await checkpoint.enter(picture);
  expect((await checkpoint.answer()).text).toContain(checkpointTexts.answer.help.picture);
  await resident.page.clock.setFixedTime((now() + 31) * 1000);
  await expect.poll(() => resident.code()).not.toBe(picture);
  await expect.poll(async () => scan(node, await resident.code(), 31)).toMatchObject({ kind: "verified" });

  await resident.takeInCare("王小宝");
  await node.compareEverybody();
  const paper = (await (await resident.paperOfDependent()).locator("svg.qr").getAttribute("data-text")) as string;
  await expect.poll(() => scan(node, paper, 10 * MINUTE)).toMatchObject({ code: { standing: "passes" } });
});

test("R-93: what was submitted is what is stored and shown, and changing it begins there", async () => {
  const number = nextNumber();
  const day = dayBefore(3);
  const resident = await registered({
    ...{ number, name: "欧阳小明", symptoms: ["cough"], contact: "unknown", onDuty: true },
    ...{ dwellings: [{ areas: XIANGYANG, text: "幸福小区 3 号楼" }], origin: { area: "陕西省", day } },
  });
  const shown = async (name: string) => (await resident.field(name).textContent())?.trim();
  for (const isReloaded of [false, true]) {
    if (isReloaded) {
      await resident.page.reload();
      await resident.field("name").waitFor();
    }
    expect(await shown("name")).toBe("欧阳小明");
    expect(await shown("number")).toBe(number);
    expect(await shown("home")).toBe("湖北省 襄阳市 襄城区 幸福小区 3 号楼");
    expect(await shown("symptoms")).toBe(zhCN.health.symptom.cough);
    expect(await shown("contact")).toBe(zhCN.health.answer.unknown);
    expect(await shown("on-duty")).toBe(zhCN.apply.yes);
    await expect.poll(() => shown("origins")).toContain("陕西省 → 湖北省 襄阳市 襄城区");
    expect(await shown("origins")).toContain(`${Number(day.slice(8))}日`);
  }
  await resident.go("declare");
  await resident.page.locator("input[name=symptom][value=cough]").waitFor();
  expect(await resident.page.locator("input[name=symptom]:checked").count()).toBe(1);
  expect(await resident.page.locator("input[name=contact][value=unknown]").isChecked()).toBe(true);
  expect(await resident.page.locator("input[name=on-duty]").isChecked()).toBe(true);
});

/** The transport notice that a headquarters has published for Shaanxi. */
const TRANSPORT = { title: { "zh-CN": "道路客运通告", "zh-TW": "道路客運通告", en: "Road travel notice" }, url: "https://transport.example.cn/61" };

test("R-94: when somebody leaves may stay unknown, moves keep their history, and the transport notice is a tap away", async () => {
  await node.put("headquarters", "/v1/staff/transport-notices/61", TRANSPORT);
  const resident = await bound();
  const { page } = resident;
  await resident.fill({ situation: "visiting", dwellings: IN_XIAN });
  await resident.text(zhCN.apply.departure).waitFor();
  expect(await page.locator("form input[type=date], form input[type=datetime-local]").count()).toBe(0);
  expect(await page.locator("[data-transport]").getAttribute("href")).toBe(TRANSPORT.url);
  await resident.submit();
  await resident.field("name").waitFor();

  await resident.go("dwellings");
  const present = page.locator("[data-address=present]");
  await present.getByText(zhCN.departure.notKnown).waitFor();
  expect(await present.textContent()).toMatch(/新城区\s*宾馆 301/);
  expect(await present.textContent()).toContain(zhCN.dwellings.counts);
  expect(await page.locator("[data-transport]").textContent()).toContain(TRANSPORT.title["zh-CN"]);
  expect(await page.locator("input[name=departure][value=unknown]").isChecked()).toBe(true);
  expect(await page.locator("input[type=date], input[type=datetime-local]").count(), "no time is asked for").toBe(0);

  const day = instant(now() + 3 * DAY).slice(0, 10);
  await resident.leave("day", day);
  await page.reload();
  await present.getByText(/^到 .*日 00:00 为止/).waitFor();
  expect(await page.locator("input[name=departure-day]").inputValue()).toBe(day);
  await resident.leave("unknown");
  await present.getByText(zhCN.departure.notKnown).waitFor();

  await resident.changeAddress("correct-present", ["陕西省", "西安市", "碑林区"]);
  await present.getByText("碑林区").waitFor();
  await resident.changeAddress("home", ["湖北省", "武汉市", "武昌区"]);
  await page.locator("[data-address=home]", { hasText: "武昌区" }).waitFor();
  const history = page.locator("[data-history]");
  const standing = async (area: string) => (await history.filter({ hasText: area }).allTextContents()).join();
  expect(await standing("武昌区")).toContain(zhCN.declare.stands);
  expect(await standing("襄城区")).toContain(zhCN.dwellings.over);
  expect(await standing("新城区")).toContain(zhCN.declare.replaced);

  await resident.leave("left");
  await present.getByText(/^到 .* 为止/).waitFor();
  await page.clock.setFixedTime((now() + 2 * MINUTE) * 1000);
  await page.reload();
  await page.locator("[data-address=home]").getByText(zhCN.dwellings.counts).waitFor();
  expect(await present.count()).toBe(0);
});

test("R-95: a wrong number gets a message that names the part, and a child is found or registered without the book", async () => {
  const resident = await bound();
  const number = nextNumber();
  await resident.fill({ number: number.slice(0, 17) + (number.endsWith("1") ? "2" : "1") });
  await resident.page.locator("input[name=name]").focus();
  await resident.text(zhCN.document.wrong.check).waitFor();
  await resident.submit();
  await resident.text(zhCN.field["wrong-number"]).waitFor();
  await resident.fill({});
  await resident.submit();
  await resident.field("name").waitFor();
  const first = await resident.takeInCare("王小宝");
  const mother = await node.registerAtDesk("李红", nextNumber());
  const second = await node.registerAtDesk("王小兰", nextNumber(2020));
  for (const dependent of [first, second]) {
    await node.post("desk", "/v1/desk/relations", { guardian: mother, dependent, relation: "parent" });
  }
  await resident.lookUpChild("王小兰", "2020-01-08");
  await resident.text(zhCN.family.lookUp["come-to-the-desk"]).waitFor();
  await resident.lookUpChild("王小兰", "2020-01-09");
  await resident.text(zhCN.family.lookUp.linked).waitFor();
  await resident.page.locator(".member", { hasText: "王小兰" }).waitFor();
  expect(await resident.page.content()).not.toContain(second.number);
  const end = zhCN.family.until.replace("{date}", showDate(now() + 7 * DAY, "zh-CN"));
  expect(await resident.page.locator(".member", { hasText: "王小兰" }).textContent(), "for seven days only").toContain(end);
  for (const answer of [zhCN.family.lookUp["come-to-the-desk"], zhCN.problem["too-many-attempts"]]) {
    await resident.lookUpChild("王小兰", "2020-01-07");
    await resident.text(answer).waitFor();
  }
});

test("R-96: the definition of coming from elsewhere stands at the question, and the rules do the classing", async () => {
  const resident = await bound();
  await resident.fill({ dwellings: [{ areas: XIAN }], origin: { area: "湖北省", day: dayBefore(2) } });
  const question = resident.page.locator("fieldset", { hasText: zhCN.apply.origins });
  expect(await question.first().textContent()).toContain(zhCN.apply.originsHint);
  await resident.submit();
  await resident.field("origins").waitFor();
  await expect.poll(() => resident.field("origins").textContent()).toContain("湖北省");
  await resident.go("why");
  expect(await resident.page.locator("section", { hasText: "SX-2A" }).textContent()).toContain(zhCN.kind.arrival);
});

/** A resident who came from elsewhere and has been isolated for four days. */
async function isolated(): Promise<{ resident: ResidentPage; from: string }> {
  const resident = await registered({ origin: { area: "陕西省", day: dayBefore(5) } });
  const person = await resident.person();
  const facts = (await resident.page.evaluate(async () => (await fetch("/v1/me/facts")).json())) as { id: string; kind: string }[];
  const arrival = facts.find(({ kind }) => kind === "arrival")?.id;
  const [from, until] = [instant(now() - 4 * DAY), instant(now() + 10 * DAY)];
  await node.file("disease-control", { person, kind: "isolation", from, until, cause: arrival, place: "home", ground: arrival });
  await resident.go("why");
  await resident.colour("yellow").waitFor();
  return { resident, from };
}

test("the page says how many of the tests are done that clear the code", async () => {
  const from = instant(now() - 9 * DAY);
  // A list begins by the word of two offices.
  const published = await node.file("headquarters", { kind: "list", list: "gd-risk-regions", from, areas: ["61"] });
  const facts = published.rows.map(({ fact }) => ({ fact }));
  await node.post("disease-control", "/v1/staff/confirmations", { facts });
  const resident = await registered({ dwellings: [{ areas: GUANGZHOU }], origin: { area: "陕西省", day: dayBefore(2) } });
  const ground = resident.page.locator("section", { hasText: "GD-Y2" });
  await resident.go("why");
  await ground.getByText("已完成 0 次，共需 2 次").waitFor();
  const [person, at, sample] = [await resident.person(), instant(now() - 60), "5".repeat(32)];
  await node.file("disease-control", { person, kind: "sample", at, sample, method: "nucleic-acid" });
  await node.file("laboratory", { person, kind: "test-result", at, sample, method: "nucleic-acid", positive: false });
  await resident.go("start");
  await resident.go("why");
  await ground.getByText("已完成 1 次，共需 2 次").waitFor();
  expect(await ground.locator("progress").evaluate((bar: HTMLProgressElement) => bar.position)).toBe(0.5);
  for (const width of [360, 1280]) {
    await resident.page.setViewportSize({ width, height: 860 });
    expect(await cutOff(resident.page), `${width}`).toEqual([]);
    expect(await seriousFindings(resident.page), `${width}`).toEqual([]);
    await resident.page.screenshot({ path: join(PICTURES, `resident-why-count-${width}.png`), fullPage: true });
  }
});

test("R-97: days of isolation before today count, and the page says from when", async () => {
  const { resident, from } = await isolated();
  const ground = resident.page.locator("section", { hasText: "HB-5B" });
  expect(await ground.textContent()).toContain(`从 ${showInstant(from, "zh-CN")} 起`);
  const arrived = now() - 5 * DAY;
  const other = await registered({ dwellings: [{ areas: XIAN }], origin: { area: "湖北省", day: dayBefore(5) } });
  await other.go("why");
  const counted = other.page.locator("section", { hasText: "SX-2A" });
  const [first, last] = [arrived, arrived + 14 * DAY].map((day) => showDate(day, "zh-CN"));
  expect(await counted.textContent()).toMatch(new RegExp(`从 ${first} 00:00 起[\\s\\S]*到 ${last} 00:00 为止`));
});

/** A defect that a headquarters has published. */
function defect() {
  const text = { "zh-CN": "编辑页默认值有误", "zh-TW": "編輯頁預設值有誤", en: "The edit page showed a wrong default" };
  return { text, status: "in-work" as const, owner: "省指挥部", due: instant(now() + 9 * DAY) };
}

test("R-98: known defects are published with status and dates, and the foot of every screen leads there", async () => {
  const { text, status, owner, due } = defect();
  await node.put("headquarters", "/v1/staff/known-defects/q10-default", { text, status, owner, due });
  const anybody = await visitor();
  await anybody.page.locator("footer a").click();
  const shown = anybody.page.locator("[data-defect=q10-default]");
  await shown.waitFor();
  for (const part of [text["zh-CN"], zhCN.defects.status[status], owner, zhCN.defects.due]) {
    expect(await shown.textContent()).toContain(part);
  }
});

/** Lists a compound of Xincheng as medium from the last full hour on, confirmed by another office. */
async function listAsMedium(compound: string): Promise<void> {
  const hour = instant(now()).slice(0, 13).replace("T", " ");
  const middlelist = [{ province: "陕西省", city: "西安市", county: "新城区", communitys: [compound] }];
  await node.post("headquarters", "/v1/staff/risk-snapshots", { data: { end_update_time: `${hour}时`, hcount: 0, highlist: [], mcount: 1, middlelist }, code: 0 });
  await node.post("disease-control", "/v1/staff/risk-confirmations", null);
}

test("R-19: of the trips that were declared only the one to a medium-risk compound is shown", async () => {
  await listAsMedium("青云小区");
  const resident = await registered({ dwellings: [{ areas: XIAN }] });
  await resident.go("visits");
  await resident.text(zhCN.visits.none).waitFor();
  for (const areas of [["陕西省", "西安市", "碑林区"], [...XIAN, "青云小区"]]) {
    await resident.chooseArea(resident.page.locator("form"), areas);
    await resident.page.locator("input[name=first-day]").fill(dayBefore(0));
    await resident.page.getByRole("button", { name: zhCN.visits.trip.declare }).click();
    await resident.text(zhCN.visits.trip.stored).waitFor();
  }
  await resident.page.locator("[data-visit]").waitFor();
  expect(await resident.page.locator("[data-visit]").count()).toBe(1);
  expect(await resident.page.locator("main ul").textContent()).toMatch(/中风险.*新城区 青云小区/);
  expect(await resident.page.locator("main ul").textContent()).not.toContain("碑林区");
});

test("a check-in without a network waits on the phone and says so, until it is received", async () => {
  const resident = await registered();
  await resident.go("code");
  await resident.code();
  await resident.context.setOffline(true);
  await resident.page.getByRole("button", { name: zhCN.code.checkIn }).click();
  await resident.text("已存在这部手机上，还没有收到").waitFor();
  expect(await scan(node, await resident.code())).toMatchObject({ kind: "verified" });
  await resident.context.setOffline(false);
  await resident.text("✓ 已收到：").waitFor();
});

test("a check-in that waited on the phone counts from when it was made, and one that waited too long is refused", async () => {
  const resident = await registered();
  await resident.go("code");
  await resident.code();
  const at = async (seconds: number) => resident.page.clock.setFixedTime(seconds * 1000);
  const checkInAt = async (made: number) => {
    await resident.context.setOffline(true);
    await at(made);
    await resident.page.getByRole("button", { name: zhCN.code.checkIn }).click();
    await resident.text(showInstant(instant(made), "zh-CN")).waitFor();
    await at(now());
    await resident.context.setOffline(false);
  };
  const made = now() - 30 * 3600;
  await checkInAt(made);
  await resident.text("✓ 已收到：").waitFor();
  const read = () => resident.page.evaluate(async () => (await fetch("/v1/me/facts")).json());
  const facts = (await read()) as { kind: string; at: string }[];
  expect(facts.filter(({ kind }) => kind === "check-in").map(({ at }) => Date.parse(at) / 1000)).toEqual([made]);
  await checkInAt(now() - 49 * 3600);
  await resident.text(zhCN.field["waited-too-long"]).waitFor();
});

test("R-174: a fact is contested from the page that shows it", async () => {
  const { resident } = await isolated();
  await resident.page.getByRole("button", { name: zhCN.why.contest }).first().click();
  await resident.text(/异议已收到。最迟 .* 答复。/).waitFor();
});

test("R-137: a code from a desk binds another phone, which signs the lost one out", async () => {
  const number = nextNumber();
  const lost = await registered({ number });
  const { code } = await node.post<{ code: string }>("desk", "/v1/desk/one-time-codes", { document: { kind: 10, number } });
  const other = await visitor();
  await other.bindByDesk(code);
  await other.go("devices");
  await other.page.getByRole("button", { name: zhCN.devices.end }).click();
  await other.text(zhCN.devices.ended).waitFor();
  await lost.page.reload();
  await lost.go("looks");
  await lost.text(zhCN.problem["no-session"]).waitFor();
});

const CASES = ["zh-CN", "zh-TW", "en"].flatMap((locale) => [[360, locale], [1280, locale]] as const);

test.each(CASES)("no screen has a serious finding or is cut off at %i pixels in %s", async (width, locale) => {
  await node.put("headquarters", "/v1/staff/known-defects/q10-default", defect());
  await node.put("headquarters", "/v1/staff/transport-notices/61", TRANSPORT);
  const resident = await visitor(width, locale);
  const { page } = resident;
  const check = async (name: string) => {
    await resident.settled();
    await page.screenshot({ path: join(PICTURES, `resident-${name}-${width}-${locale}.png`), fullPage: true });
    expect(await cutOff(page), name).toEqual([]);
    // The same screens in another language have the same structure, colours and sizes.
    if (locale !== "zh-CN") return;
    expect(await seriousFindings(page), name).toEqual([]);
  };
  for (const screen of ["code", "bind"]) {
    await resident.go(screen);
    await check(`${screen}-stranger`);
  }
  await resident.bind();
  await resident.fill({ situation: "visiting", dwellings: IN_XIAN, origin: { day: dayBefore(3) } });
  await check("apply-form");
  await resident.submit();
  await resident.field("name").waitFor();
  await resident.takeInCare("王小宝");
  await resident.lookUpChild("王小兰", "2020-01-08");
  await page.locator("form:has(input[name=child]) [role=status]").waitFor();
  await check("family-looked-up");
  for (const screen of SCREENS) {
    await resident.go(screen);
    await check(screen);
  }
  await resident.go("paper");
  await page.locator("details summary").click();
  await page.locator("details input").fill("1000000");
  await page.locator("details button").first().click();
  await page.locator("details [role=status]").waitFor();
  await check("paper-lost");
  await resident.go("dwellings");
  await page.locator("input[name=change][value=present]").check();
  await page.locator("input[name=departure][value=day]").last().check();
  await check("dwellings-move");
  await resident.go("looks");
  await page.locator("select[name=whose]").selectOption({ label: "王小宝" });
  await page.locator("ul.plain").waitFor();
  await check("looks-child");
  await page.locator("select[name=whose]").selectOption({ index: 0 });
  await resident.declare(["fever"]);
  for (const screen of ["code", "why"]) {
    await resident.go(screen);
    await resident.colour("red").waitFor();
    await check(`${screen}-red`);
  }
  await resident.paperOfDependent();
  await check("paper-sheet");
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.screenshot({ path: join(PICTURES, `resident-paper-print-${locale}.png`) });
});
