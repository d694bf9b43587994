/** Visits stay on the phone until rules in force ask for them and the holder has read why; then each is sent once. */

import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HOUR } from "../../verify/values";
import { forgetAll } from "../code/database";
import { type Demand, deliverVisits, fetchDemands, noteRead } from "./reports";
import { eraseVisit, keepVisit, keptVisits, leaveVenue, type Visit } from "./visits";

const T = Date.parse("2026-11-22T12:00:00+08:00") / 1000;
const iso = (at: number) => new Date(at * 1000).toISOString();

const RULES = {
  pack: "test-2026-11",
  title: {},
  authority: {},
  areas: [] as { code: string; full_name: string }[],
  venue_visits: { from: iso(T - HOUR), until: iso(T + 24 * HOUR), days: 4, source: "notice 7", reason: { en: "Trace" } },
};
const STORED = { area: { code: "420106", full_name: "武昌区" }, day: iso(T), kept_until: iso(T + 96 * HOUR), proven: true };

type Reply = 201 | { status: number; code: string } | "no network";

let inForce: (typeof RULES)[] = [];
/** What the network answers to what is sent, one after another; and what was sent. */
let replies: Reply[] = [];
let sent: { link: string; key: string }[] = [];
/** What the holder does while a visit is sent. */
let meanwhile = async (): Promise<void> => undefined;

beforeEach(() => {
  [inForce, replies, sent] = [[RULES], [], []];
  meanwhile = async () => undefined;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (path === "/v1/venue-visits") return Response.json(inForce);
    const key = (init.headers as Record<string, string>)["Idempotency-Key"] as string;
    sent.push({ link: (JSON.parse(init.body as string) as { link: string }).link, key });
    await meanwhile();
    const reply = replies.shift() ?? "no network";
    if (reply === "no network") throw new TypeError("no network");
    if (reply === 201) return Response.json(STORED, { status: 201 });
    const headers = { "Content-Type": "application/problem+json" };
    return new Response(JSON.stringify({ code: reply.code, title: reply.code }), { status: reply.status, headers });
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await forgetAll();
});

async function visit(name: string, at: number, area = "420106001"): Promise<void> {
  await keepVisit({ venue: name.repeat(32), name, area, at }, name);
}

async function read(): Promise<void> {
  for (const demand of await fetchDemands()) await noteRead(demand);
}

async function deliver(): Promise<string[]> {
  await deliverVisits(await keptVisits(T), await fetchDemands());
  return sent.map(({ link }) => link);
}

/** The names of the visits that are on the phone, with what was stored of each. */
async function stored(): Promise<Record<string, boolean>> {
  return Object.fromEntries((await keptVisits(T)).map((kept) => [kept.name, kept.stored !== undefined]));
}

test("nothing is sent before the holder has read why, nor after other rules came", async () => {
  replies = [201, 201];
  await visit("a", T);
  expect(await deliver()).toEqual([]);
  await read();
  inForce = [{ ...RULES, venue_visits: { ...RULES.venue_visits, days: 14 } }];
  expect((await fetchDemands()).map((demand: Demand) => demand.isRead)).toEqual([false]);
  expect(await deliver()).toEqual([]);
  inForce = [];
  expect(await deliver()).toEqual([]);
  expect(await stored()).toEqual({ a: false });
});

test("what rules ask for is sent once, the oldest first, and what was before them stays here", async () => {
  replies = [201, 201];
  await visit("a", T - 2 * HOUR);
  await visit("b", T - HOUR);
  await visit("c", T);
  await read();
  expect(await deliver()).toEqual(["b", "c"]);
  expect(await deliver()).toEqual(["b", "c"]);
  expect(await stored()).toEqual({ a: false, b: true, c: true });
});

const areas = (...codes: string[]) => codes.map((code) => ({ code, full_name: code }));

test.each([
  ["in the country", "610102001", [], true],
  ["in the area itself", "420106", areas("42", "420106"), true],
  ["in an area of it", "420106001", areas("4201"), true],
  ["in a place of it", "420106001.5", areas("420106001"), true],
  ["in that place", "420106001.5", areas("420106001.5"), true],
  ["in a place of a longer number", "420106001.57", areas("420106001.5"), false],
  ["around it", "4201", areas("420106"), false],
  ["elsewhere", "610102001", areas("42"), false],
])("a visit %s is sent only where the rules are about it", async (_, area, where, isSent) => {
  inForce = [{ ...RULES, areas: where }];
  replies = [201];
  await visit("a", T, area);
  await read();
  expect(await deliver()).toEqual(isSent ? ["a"] : []);
  expect(await stored()).toEqual({ a: isSent });
});

test("without a network all wait, and go later under the same key", async () => {
  await visit("a", T - HOUR);
  await visit("b", T);
  await read();
  expect(await deliver()).toEqual(["a"]);
  replies = [{ status: 503, code: "busy" }];
  expect(await deliver()).toEqual(["a", "a"]);
  replies = [201, 201];
  expect(await deliver()).toEqual(["a", "a", "a", "b"]);
  expect(new Set(sent.slice(0, 3).map(({ key }) => key)).size).toBe(1);
  expect(await stored()).toEqual({ a: true, b: true });
});

test.each([
  [409, "visits-stay-on-phone"],
  [409, "refused"],
  [404, "not-found"],
  [422, "invalid-fields"],
])("one that is not taken stays here and holds up none: %i %s", async (status, code) => {
  await visit("a", T - HOUR);
  await visit("b", T);
  await read();
  replies = [{ status, code }, 201];
  expect(await deliver()).toEqual(["a", "b"]);
  expect(await deliver()).toEqual(["a", "b"]);
  expect(await stored()).toEqual({ a: false, b: true });
});

const REPLIES: [string, Reply][] = [
  ["is stored", 201],
  ["is not taken", { status: 409, code: "visits-stay-on-phone" }],
];

test.each(REPLIES)("a visit that %s stays ended or erased as its holder did meanwhile", async (_, reply) => {
  const only = async () => (await keptVisits(T))[0] as Visit;
  await visit("a", T);
  await read();
  replies = [reply, reply];
  meanwhile = async () => leaveVenue(await only(), T + 60);
  await deliver();
  const left = await only();
  expect([left.until, left.scan, left.stored !== undefined]).toEqual([T + 60, undefined, reply === 201]);
  await eraseVisit(left);
  await visit("b", T);
  meanwhile = async () => eraseVisit(await only());
  await deliver();
  expect(await keptVisits(T)).toEqual([]);
});
