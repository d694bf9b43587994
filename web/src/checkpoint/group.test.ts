/** A group: everybody alone, everybody once, and one red colours nobody else. */

import { expect, test } from "vitest";
import type { LiveClaims, PaperClaims } from "../verify/claims";
import type { VerifiedCode } from "../verify/verify";
import type { Answer } from "./answer";
import { isCounted, joined, type Member, tally } from "./group";

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
  expect(isCounted(family, "b")).toBe(true);
  expect(isCounted(family, "c")).toBe(false);
});

test("a code that has changed has its latest answer", () => {
  expect(told(scanned(["a", answer("pass", live(1))], ["b", answer("stop", live(1))]))).toEqual(["stop ?"]);
});

test("two that were not verified are two", () => {
  expect(tally(scanned(["x", answer("stop")], ["y", answer("stop")])).stop).toBe(2);
});
