/** The same picture in the same moment is one scan; later it is somebody else's. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromHex } from "../verify/bytes";
import type { Place } from "../verify/place";
import { openTrustList } from "../verify/trust-list";
import { Scanner } from "./scanner";

function load(name: string) {
  return JSON.parse(readFileSync(new URL(`../../../docs/vectors/code/${name}.json`, import.meta.url), "utf8"));
}

const world = load("world");
const hex = (text: string) => fromHex(text) ?? Uint8Array.of();
const root = world.roots.test.keys[0];
const trust = await openTrustList(
  hex(world.trust.default),
  { environment: "test", keys: [{ x: hex(root.x), y: hex(root.y) }] },
  undefined,
  1607904000,
);
const { text, now, place } = load("codes").find((vector: { name: string }) => vector.name === "green at venue") as {
  text: string;
  now: number;
  place: Place;
};

test("the first answer stands while the picture stays, and a second showing is refused", async () => {
  const scanner = new Scanner(0);
  const held = { trust, status: [] };
  const answers = [];
  for (const seconds of [0, 1, 3, 6, 10]) {
    const { answer, isSame } = await scanner.answer(text, place, held, now + seconds);
    answers.push(`${answer.decision} ${answer.help} ${isSame}`);
  }
  const pass = "pass undefined";
  expect(answers).toEqual([`${pass} false`, `${pass} true`, `${pass} true`, `${pass} true`, "stop picture false"]);
});

test("without any trust list nothing can be told", async () => {
  const { answer } = await new Scanner(0).answer(text, place, { trust: undefined, status: [] }, now);
  expect(answer.decision).toBe("cannot-tell");
});
