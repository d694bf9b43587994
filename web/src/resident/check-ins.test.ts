/** Check-ins wait on the phone until the node has received them, and are sent with one key however often they are tried. */

import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { nowSeconds } from "../clock";
import { deliver, saveCheckIn, waitingCheckIns } from "./check-ins";
import { forgetAll } from "./code/database";

type Reply = number | "no network";

/** What the network answers, one after another; and what was asked. */
let replies: Reply[] = [];
let asked: { path: string; key: string; body: unknown }[] = [];

beforeEach(() => {
  [replies, asked] = [[], []];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const key = (init.headers as Record<string, string>)["Idempotency-Key"] as string;
    asked.push({ path, key, body: JSON.parse(init.body as string) });
    const reply = replies.shift() ?? "no network";
    if (reply === "no network") throw new TypeError("no network");
    if (reply === 201) return Response.json({ facts: ["f"], position: "1.1", recorded: "2026-11-22T12:00:00+08:00" }, { status: 201 });
    const headers = { "Content-Type": "application/problem+json" };
    return new Response(JSON.stringify({ code: "x", title: "x" }), { status: reply, headers });
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await forgetAll();
});

test("one without a network waits, and is sent once it is there, with the same key", async () => {
  await saveCheckIn("me", [], 100);
  expect(await deliver()).toMatchObject({ received: [], refused: [], waiting: [{ made: 100 }] });
  replies = [201];
  expect(await deliver()).toMatchObject({ received: [{ filed: { position: "1.1" } }], waiting: [] });
  expect(asked.map(({ key }) => key)).toEqual([asked[0]?.key, asked[0]?.key]);
  expect(await waitingCheckIns()).toEqual([]);
});

test("several go in the order in which they were made, each to its record", async () => {
  await saveCheckIn({ person: "ab" }, ["fever"], 200);
  await saveCheckIn("me", [], 100);
  replies = [201, 201];
  await deliver();
  expect(asked.map(({ path, body }) => [path, body])).toEqual([
    ["/v1/me/check-ins", { symptoms: [], made: "1970-01-01T08:01:40+08:00" }],
    ["/v1/dependents/ab/check-ins", { symptoms: ["fever"], made: "1970-01-01T08:03:20+08:00" }],
  ]);
});

test("one that is sent at once says no time, since the clock of a phone may be wrong by days", async () => {
  await saveCheckIn("me", [], nowSeconds());
  replies = [201];
  await deliver();
  expect(asked.map(({ body }) => body)).toEqual([{ symptoms: [] }]);
});

test.each([401, 429, 500, 503])("one that the node cannot take now waits: %i", async (status) => {
  await saveCheckIn("me", [], 100);
  replies = [status];
  expect(await deliver()).toMatchObject({ received: [], refused: [], waiting: [{}] });
});

test.each([403, 404, 409, 422])("one that the node refuses for good is said and dropped, and the next goes on: %i", async (status) => {
  await saveCheckIn("me", [], 100);
  await saveCheckIn("me", [], 200);
  replies = [status, 201];
  expect(await deliver()).toMatchObject({ received: [{}], refused: [{ problem: { status } }], waiting: [] });
});
