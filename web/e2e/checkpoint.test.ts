/** What a checkpoint does, in a real browser, with real codes. */

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { filmOf, launch } from "./browser";
import { CheckpointPage, type Chosen } from "./checkpoint-page";
import { Issuer } from "./issuer";
import { placeUntil, Site } from "./site";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The time of these tests: not before the pages were built, since no page believes an earlier clock. */
const NOW = Math.ceil(Date.now() / 1000 / MINUTE) * MINUTE;

const VENUE: Chosen = { placeClass: "venue" };

let issuer: Issuer;
let site: Site;
let browser: Browser;
let open: CheckpointPage[] = [];

beforeAll(async () => {
  issuer = new Issuer(NOW, NOW - HOUR);
  browser = await launch();
});

beforeEach(async () => {
  site = await Site.open();
  site.served.set("/v1/roots", issuer.roots);
  site.served.set("/v1/trust-list", issuer.trustList);
  site.served.set("/v1/status-lists/1", issuer.statusList(1, [5, 6], NOW - MINUTE));
});

afterEach(async () => {
  for (const checkpoint of open) await checkpoint.close();
  open = [];
  site.close();
});

afterAll(async () => {
  await browser?.close();
});

async function at(chosen: Chosen, now = NOW): Promise<CheckpointPage> {
  const checkpoint = await CheckpointPage.at(browser, site, now, chosen);
  open.push(checkpoint);
  return checkpoint;
}

/** Opens a checkpoint whose camera sees the picture, and runs `act`. */
async function beforeCamera(png: Buffer, chosen: Chosen, act: (page: CheckpointPage) => Promise<void>): Promise<void> {
  const other = await launch({ film: await filmOf(browser, png) });
  try {
    await act(await CheckpointPage.at(other, site, NOW, chosen));
  } finally {
    await other.close();
  }
}

test("a green live code passes by camera with the network off", async () => {
  await beforeCamera(issuer.livePicture({ isOpen: true }), VENUE, async (checkpoint) => {
    await checkpoint.installed();
    await checkpoint.context.setOffline(true);
    await checkpoint.page.reload();
    await checkpoint.startCamera();
    const { decision, text } = await checkpoint.answer();
    expect(decision).toBe("pass");
    expect(text).toContain("*明 · born on day 27");
  });
});

test("a red live code stops by camera, and the screen says nothing of the reason", async () => {
  await beforeCamera(issuer.livePicture({ colour: "red" }), VENUE, async (checkpoint) => {
    await checkpoint.startCamera();
    const { decision, text } = await checkpoint.answer();
    expect(decision).toBe("stop");
    expect(text).toMatch(/Stop[\s\S]*Please do not go in/);
    expect(text).not.toMatch(/\bred\b|contact|symptom|test|case/i);
  });
});

test("a dependent's paper code is read by camera and shows relation and guardian", async () => {
  const picture = issuer.paperPicture({ index: 5, guardian: { name: "王红", relation: "parent" } });
  await beforeCamera(picture, VENUE, async (checkpoint) => {
    await checkpoint.startCamera();
    const { decision, text } = await checkpoint.answer();
    expect(decision).toBe("pass");
    expect(text).toContain("*明 · born on day 27");
    expect(text).toContain("parent *红");
  });
});

test("a red code at a hospital means the lane, never stop", async () => {
  const checkpoint = await at({ placeClass: "hospital" });
  await checkpoint.enter(issuer.live({ colour: "red" }));
  expect(await checkpoint.answer()).toMatchObject({ decision: "lane", help: "hospital" });
});

test("a red code at home means going home and telling the community", async () => {
  const checkpoint = await at({ placeClass: "home", level: "high" });
  await checkpoint.enter(issuer.live({ colour: "red" }));
  const { decision, text } = await checkpoint.answer();
  expect(decision).toBe("lane");
  expect(text).toContain("go home and report to the community");
});

test("a grey code means the lane", async () => {
  const checkpoint = await at(VENUE);
  await checkpoint.enter(issuer.live({ colour: "grey" }));
  expect(await checkpoint.answer()).toMatchObject({ decision: "lane", help: "grey" });
});

test("a live code of two minutes ago is refused as an old picture", async () => {
  const checkpoint = await at(VENUE);
  await checkpoint.enter(issuer.live({ at: NOW - 2 * MINUTE }));
  expect(await checkpoint.answer()).toMatchObject({ decision: "stop", help: "picture" });
});

test("the same presentation shown by a second person is refused", async () => {
  const checkpoint = await at(VENUE);
  const text = issuer.live();
  await checkpoint.enter(text);
  expect((await checkpoint.answer()).decision).toBe("pass");
  await checkpoint.next();
  await checkpoint.setClock(NOW + 20);
  await checkpoint.enter(text);
  expect(await checkpoint.answer()).toMatchObject({ decision: "stop", help: "picture" });
});

test("a paper code that has fallen stops, and says that this need not have to do with health", async () => {
  const checkpoint = await at(VENUE);
  await checkpoint.enter(issuer.paper({ index: 9 }));
  const { decision, help, text } = await checkpoint.answer();
  expect({ decision, help }).toEqual({ decision: "stop", help: "paper" });
  expect(text).toContain("need not have to do with health");
});

test("a person with a document and no code is looked up, and nothing is told but pass or lane", async () => {
  site.served.set("/v1/places/42", placeUntil(NOW + DAY));
  const checkpoint = await CheckpointPage.open(browser, site, NOW);
  open.push(checkpoint);
  const { page } = checkpoint;
  await checkpoint.load("42");
  const asked: unknown[] = [];
  await page.route("**/v1/checkpoint/look-ups", async (route) => {
    asked.push(route.request().postDataJSON());
    await route.fulfill({ json: { answer: "lane" } });
  });
  const panel = page.locator("[data-look-up]");
  await panel.locator("summary").click();
  await panel.locator("input[name=number]").fill("420602199001091019");
  await panel.locator("input[name=consent]").check();
  await panel.getByRole("button").click();
  expect(await panel.locator("[data-told=lane]").innerText()).toContain("Please take the assisted lane");
  expect(asked).toEqual([{ document: { kind: 10, number: "420602199001091019" }, place: "42", consent: true }]);
  expect(await panel.locator("input[name=number]").inputValue()).toBe("");
  // Two states can have given the same number to two passports.
  await checkpoint.lookUpPassport("D", "C01X00T47");
  expect(asked[1]).toEqual({ document: { kind: 20, number: "C01X00T47", issuer: "D" }, place: "42", consent: true });
});

test("people together: each is judged alone and counted once, and one red colours nobody else", async () => {
  const checkpoint = await at(VENUE);
  const group = checkpoint.page.locator("[data-group]");
  const scan = async (text: string): Promise<string> => {
    await checkpoint.enter(text);
    const { decision } = await checkpoint.answer();
    await checkpoint.next();
    return decision;
  };
  await checkpoint.page.locator("[data-start-group]").click();
  const [mother, sheet] = [issuer.live({ isOpen: true }), issuer.paper({ index: 5 })];
  const told = [];
  for (const text of [mother, issuer.live({ colour: "red" }), sheet, "YM1:NOTHING"]) told.push(await scan(text));
  expect(told).toEqual(["pass", "stop", "pass", "stop"]);
  // The same pictures again are nobody else.
  await checkpoint.enter(mother);
  await checkpoint.enter(sheet);
  const rows = group.locator("li");
  expect(await rows.evaluateAll((items) => items.map((item) => item.dataset.decision))).toEqual(told);
  expect(await rows.nth(0).innerText()).toContain("*明 · born on day 27");
  expect(await group.locator("[data-count=pass]").innerText()).toBe("Pass 2");
  expect(await group.locator("h2").innerText()).toBe("4 people");

  await rows.nth(3).getByRole("button").click();
  expect(await scan(issuer.paper({ index: 6 }))).toBe("pass");
  expect(await group.locator("[data-count=pass]").innerText()).toBe("Pass 3");
  await group.getByRole("button", { name: "Done" }).click();
  expect(await group.count()).toBe(0);
});

test("with a status list of yesterday nobody can tell of paper", async () => {
  const checkpoint = await at(VENUE);
  await checkpoint.context.setOffline(true);
  await checkpoint.setClock(NOW + DAY);
  await checkpoint.enter(issuer.paper({ index: 5 }));
  expect((await checkpoint.answer()).decision).toBe("cannot-tell");
});

test("with a trust list that has ended nobody can tell of any code", async () => {
  const checkpoint = await at(VENUE);
  await checkpoint.context.setOffline(true);
  await checkpoint.setClock(NOW + 31 * DAY);
  await checkpoint.enter(issuer.live());
  const { decision, text } = await checkpoint.answer();
  expect(decision).toBe("cannot-tell");
  expect(text).toContain("It is not your fault");
});

test("older data pass an ordinary place with their age shown", async () => {
  const checkpoint = await at(VENUE);
  await checkpoint.enter(issuer.live({ asOf: NOW - 50 * MINUTE }));
  const { decision, text } = await checkpoint.answer();
  expect(decision).toBe("pass");
  expect(text).toContain("Older data: about 1 h");
});

test("a low-risk ordinary place needs no check and offers no scanner", async () => {
  const checkpoint = await CheckpointPage.open(browser, site, NOW);
  open.push(checkpoint);
  await checkpoint.choose({ placeClass: "venue", level: "low" });
  await checkpoint.page.locator("[data-screen=no-check]").waitFor();
  expect(await checkpoint.page.innerText("main")).toContain("codes are in general not checked");
  expect(await checkpoint.page.locator("video, textarea").count()).toBe(0);
});

test("a place by its number brings its rules, and a check ends with its basis", async () => {
  const document = {
    class: "traffic",
    level: "medium",
    strictness: "strict",
    staffed: false,
    legal_basis: "鄂防指发〔2020〕83 号",
    until: new Date((NOW + DAY) * 1000).toISOString(),
  };
  site.served.set("/v1/places/42", Buffer.from(JSON.stringify(document)));
  const checkpoint = await CheckpointPage.open(browser, site, NOW);
  open.push(checkpoint);
  const { page } = checkpoint;
  await page.locator("input[name=number]").fill("7");
  await page.getByRole("button", { name: "Load" }).click();
  await page.getByText("There is no place with this number").waitFor();
  await page.locator("input[name=number]").fill("42");
  await page.getByRole("button", { name: "Load" }).click();
  await page.getByText("Basis: 鄂防指发〔2020〕83 号").waitFor();
  await checkpoint.enter(issuer.paper({ index: 5 }));
  expect(await checkpoint.answer()).toMatchObject({ decision: "lane", help: "unattended" });
  await checkpoint.next();
  await checkpoint.setClock(NOW + DAY);
  await page.locator("[data-screen=no-check]").waitFor();
});

test("green and 37.2 pass, and the reading is filed with the scan", async () => {
  const checkpoint = await at({ ...VENUE, temperature: true });
  await checkpoint.enter(issuer.live());
  expect((await checkpoint.answer()).text).not.toContain("come in");
  await checkpoint.measure("372");
  await checkpoint.page.getByText("No fever").waitFor();
  expect((await checkpoint.answer()).text).toMatch(/Pass[\s\S]*Please come in/);
  await checkpoint.page.getByText("Filed.").waitFor();
  expect(site.posted).toEqual([
    {
      path: "/v1/checkpoint/temperatures",
      body: { presentation: expect.stringMatching(/^[\w-]{22}$/), decicelsius: 372 },
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  ]);
});

test("green and 37.3 twice stop and refer", async () => {
  const checkpoint = await at({ ...VENUE, temperature: true });
  await checkpoint.enter(issuer.live());
  await checkpoint.measure("373");
  await checkpoint.page.getByText("measure once more").waitFor();
  await checkpoint.measure("374");
  const { decision, text } = await checkpoint.answer();
  expect(decision).toBe("stop");
  expect(text).toContain("fever clinic");
  await expect.poll(() => site.posted.map(({ body }) => (body as { decicelsius: number }).decicelsius)).toEqual([373, 374]);
  expect(new Set(site.posted.map(({ key }) => key)).size).toBe(2);
});

test("a paper code is measured as well, and its reading is filed with its text", async () => {
  const checkpoint = await at({ ...VENUE, temperature: true });
  const paper = issuer.paper({ index: 6 });
  await checkpoint.enter(paper);
  await checkpoint.measure("365");
  await checkpoint.page.getByText("Filed.").waitFor();
  expect((await checkpoint.answer()).decision).toBe("pass");
  expect(site.posted.map(({ body }) => body)).toEqual([{ paper, decicelsius: 365 }]);
});

test("a reading without a network is not filed, and not kept", async () => {
  const checkpoint = await at({ ...VENUE, temperature: true });
  await checkpoint.context.setOffline(true);
  await checkpoint.enter(issuer.live());
  await checkpoint.measure("366");
  await checkpoint.page.getByText("Not filed: no network").waitFor();
  await checkpoint.context.setOffline(false);
  await checkpoint.next();
  expect(site.posted).toEqual([]);
});

test("a list of another root, an older one and a broken one are refused, and the held one stays", async () => {
  const old = site.served.get("/v1/trust-list") as Buffer;
  site.served.set("/v1/trust-list", issuer.renewTrustList(NOW - 30 * MINUTE));
  const checkpoint = await at(VENUE);
  const stranger = new Issuer(NOW, NOW - HOUR);
  for (const [list, reason] of [
    [stranger.trustList, "key_unknown"],
    [old, "rolled_back"],
    [old.subarray(0, 100), "truncated"],
    [Buffer.alloc(0), "truncated"],
  ] as const) {
    site.served.set("/v1/trust-list", list);
    await checkpoint.page.reload();
    await checkpoint.page.getByText(`not to be trusted (${reason})`).waitFor();
    await checkpoint.list("trust").waitFor();
  }
  await checkpoint.enter(issuer.live());
  expect((await checkpoint.answer()).decision).toBe("pass");
});

test("production roots that a server hands out are not believed", async () => {
  const roots = issuer.roots.toString().replace(/^test /gm, "production ");
  site.served.set("/v1/roots", Buffer.from(roots));
  const checkpoint = await CheckpointPage.open(browser, site, NOW);
  open.push(checkpoint);
  await checkpoint.choose(VENUE);
  await checkpoint.page.getByText("There is no root of trust").waitFor();
  await checkpoint.enter(issuer.live());
  expect((await checkpoint.answer()).decision).toBe("cannot-tell");
});

test("after scans the device holds the lists and the place, and nothing else", async () => {
  const checkpoint = await at({ ...VENUE, temperature: true });
  await checkpoint.installed();
  await checkpoint.enter(issuer.live({ isOpen: true }));
  await checkpoint.measure("366");
  await checkpoint.next();
  await checkpoint.enter(issuer.paper({ index: 5 }));
  await checkpoint.answer();
  const stored = await checkpoint.page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: sessionStorage.length,
    databases: await indexedDB.databases(),
    lists: (await (await caches.open("lists")).keys()).map((request) => new URL(request.url).pathname.replace(/test-[0-9a-f]+/, "test")),
    others: (await caches.keys()).filter((name) => name !== "lists" && !name.startsWith("shell-checkpoint-")),
  }));
  expect(stored).toEqual({
    local: ["yima-place"],
    session: 0,
    databases: [],
    lists: [
      "/held/roots",
      "/held/test-trust-list.mark",
      "/held/test-trust-list",
      "/held/test-status-list-1.mark",
      "/held/test-status-list-1",
    ],
    others: [],
  });
});
