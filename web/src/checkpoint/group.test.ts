/** A group: everybody alone, everybody once, and one red colours nobody else. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromHex } from "../verify/bytes";
import type { LiveClaims, PaperClaims } from "../verify/claims";
import type { Place } from "../verify/place";
import { openStatusList } from "../verify/status-list";
import { openTrustList } from "../verify/trust-list";
import type { VerifiedCode } from "../verify/verify";
import type { Answer } from "./answer";
import { joined, type Member, passedOver, tally, without } from "./group";
import { Scanner } from "./scanner";

const times = { issuer: "CN", issued: 0, expires: 1 };
const live = (id: number) => ({ ...times, mode: "live", id: new Uint8Array(16).fill(id) }) as unknown as LiveClaims;
const paper = (index: number) => ({ ...times, mode: "paper", status: { list: 1, index } }) as unknown as PaperClaims;

function answer(decision: Answer["decision"], claims?: LiveClaims | PaperClaims, character?: string): Answer {
  const who = character === undefined ? undefined : { character, day: 27 };
  const code = claims && ({ claims, who } as unknown as VerifiedCode);
  return { decision, field: "light", shape: "question", help: undefined, cause: undefined, code };
}

function scanned(...scans: [text: string, answer: Answer][]): readonly Member[] {
  return scans.reduce<readonly Member[]>((members, [text, given]) => joined(members, text, given), []);
}

const told = (members: readonly Member[]) => members.map(({ decision, who }) => `${decision} ${who?.character ?? "?"}`);

test("each has an answer of their own, live and paper, and one red changes nobody else's", () => {
  const family = scanned(
    ["a", answer("pass", live(1), "明")],
    ["b", answer("stop", live(2))],
    ["c", answer("pass", paper(5), "红")],
    ["d", answer("cannot-tell")],
  );
  expect(told(family)).toEqual(["pass 明", "stop ?", "pass 红", "cannot-tell ?"]);
  expect(tally(family)).toEqual({ pass: 2, stop: 1, lane: 0, "cannot-tell": 1 });
});

test("nobody is counted twice, however often and in whatever pictures a code is shown", () => {
  const family = scanned(
    ["a at 0 s", answer("pass", live(1), "明")],
    ["b", answer("pass", paper(5))],
    ["a at 30 s", answer("pass", live(1))],
    ["b", answer("pass", paper(5))],
  );
  expect(told(family)).toEqual(["pass 明", "pass ?"]);
  expect(passedOver(family, "b")).toBe("counted");
  expect(passedOver(family, "c")).toBeUndefined();
});

test("a code that has changed has its latest answer", () => {
  expect(told(scanned(["a", answer("pass", live(1))], ["b", answer("stop", live(1))]))).toEqual(["stop ?"]);
});

test("two that were not verified are two", () => {
  expect(tally(scanned(["x", answer("stop")], ["y", answer("stop")])).stop).toBe(2);
});

interface Vector {
  name: string;
  place: Place;
  steps: ({ text: string; now: number; told: string } | { remove: number })[];
  rows: { decision: string; character: string | null }[];
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../docs/vectors/code/${name}.json`, import.meta.url), "utf8"));
}

const world = load<{
  roots: { test: { keys: [{ x: string; y: string }] } };
  trust: { default: string };
  status: { default: string };
}>("world");
const hex = (text: string) => fromHex(text) ?? Uint8Array.of();
const root = world.roots.test.keys[0];
const roots = { environment: "test" as const, keys: [{ x: hex(root.x), y: hex(root.y) }] };
const trust = await openTrustList(hex(world.trust.default), roots, undefined, 1607904000);
const status = [await openStatusList(hex(world.status.default), trust, undefined, 1607904000)];

test.each(load<Vector[]>("groups").map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
  const scanner = new Scanner(0);
  let members: readonly Member[] = [];
  for (const step of vector.steps) {
    if ("remove" in step) {
      members = without(members, members[step.remove]);
      continue;
    }
    let told: string | undefined = passedOver(members, step.text);
    if (told === undefined) {
      const { answer } = await scanner.answer(step.text, vector.place, { trust, status }, step.now);
      members = joined(members, step.text, answer);
      told = answer.decision;
    }
    expect(told).toBe(step.told);
  }
  expect(members.map(({ decision, who }) => ({ decision, character: who?.character ?? null }))).toEqual(vector.rows);
});
