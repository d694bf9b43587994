/** Visits begin and end as CODE.md says, and none outlives its bound. */

import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { qrPicture } from "../../qr/picture";
import { DAY, HOUR } from "../../verify/values";
import { LINK_PART } from "../../verify/venue";
import { forgetAll } from "../code/database";
import { eraseVisit, keepVisit, keptVisits, leaveVenue, type Visit } from "./visits";

const T = 1_900_000_000;
const park = (at: number) => ({ venue: "7e".repeat(16), name: "人民公园", area: "610102", at });
const market = (at: number) => ({ venue: "7f".repeat(16), name: "集市", area: "610102", at });

afterEach(forgetAll);

async function times(now: number): Promise<[string, number, number][]> {
  return (await keptVisits(now)).map(({ name, from, until }) => [name, from - T, until - T]);
}

test("a visit lasts for four hours where nobody says when it ended", async () => {
  await keepVisit(park(T), "#venue=");
  expect(await times(T)).toEqual([["人民公园", 0, 4 * HOUR]]);
});

test("a second scan of the same venue makes it longer, one after its end is another visit", async () => {
  await keepVisit(park(T), "#venue=");
  await keepVisit(park(T + 4 * HOUR - 1), "#venue=");
  expect(await times(T)).toEqual([["人民公园", 0, 8 * HOUR - 1]]);
  await keepVisit(park(T + 8 * HOUR - 1), "#venue=");
  expect((await times(T)).length).toBe(2);
});

test("whoever is elsewhere has left, and so has who says so", async () => {
  await keepVisit(park(T), "#venue=");
  await keepVisit(market(T + HOUR), "#venue=");
  expect(await times(T)).toEqual([["集市", HOUR, 5 * HOUR], ["人民公园", 0, HOUR]]);
  const [visit] = await keptVisits(T);
  await leaveVenue(visit as Visit, T + 2 * HOUR);
  await leaveVenue({ ...(visit as Visit), until: T + 2 * HOUR }, T + 3 * HOUR);
  expect(await times(T)).toEqual([["集市", HOUR, 2 * HOUR], ["人民公园", 0, HOUR]]);
});

test.each([
  ["in the same second", 0, 1],
  ["a second later", 1, 1],
  ["earlier by a screen whose clock is behind", -1, 4 * HOUR],
])("a visit is not lost when another begins %s", async (_, later, end) => {
  await keepVisit(park(T), "#venue=");
  await keepVisit(market(T + later), "#venue=");
  expect(new Map((await times(T)).map(([name, from, until]) => [name, [from, until]]))).toEqual(
    new Map([
      ["人民公园", [0, end]],
      ["集市", [later, later + 4 * HOUR]],
    ]),
  );
});

test("a visit that its holder ends as it begins is none, and one that is erased is gone", async () => {
  await keepVisit(park(T), "#venue=");
  await leaveVenue((await keptVisits(T))[0] as Visit, T);
  expect(await times(T)).toEqual([]);
  await keepVisit(market(T), "#venue=");
  await eraseVisit((await keptVisits(T))[0] as Visit);
  expect(await times(T)).toEqual([]);
});

test("a visit is kept for fourteen days after its end and not a second longer", async () => {
  await keepVisit(park(T), "#venue=");
  const end = T + 4 * HOUR + 14 * DAY;
  expect((await times(end - 1)).length).toBe(1);
  expect(await times(end)).toEqual([]);
  expect(await times(T), "it is erased, not hidden").toEqual([]);
});

test("the longest link fits into a picture of version 20", () => {
  const path = new URL("../../../../docs/vectors/code/venues.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(path, "utf8")) as { name: string; link: string }[];
  const { link } = vectors.find(({ name }) => name === "a name of 60 bytes") as { link: string };
  const token = link.slice(link.indexOf(LINK_PART));
  expect(qrPicture(`https://${"x".repeat(51)}/${token}`).size).toBeLessThanOrEqual(4 * 20 + 17 + 8);
});
