import { expect, test } from "vitest";
import { DAY } from "../verify/values";
import { waitingSince } from "./waiting";

const NOON = 1_600_000_000;

test("who has just applied waits since the declaration, a day at most", () => {
  expect(waitingSince(NOON, NOON - 60, undefined)).toEqual({ since: NOON - 60, deadline: NOON - 60 + DAY, isLate: false });
});

test("who declared long ago waits since the comparison has lapsed", () => {
  const lapsed = NOON - 3600;
  expect(waitingSince(NOON, NOON - 90 * DAY, lapsed)).toEqual({ since: lapsed, deadline: lapsed + DAY, isLate: false });
});

test("a deadline that has passed is no promise any more", () => {
  expect(waitingSince(NOON, NOON - DAY + 1, undefined)).toMatchObject({ isLate: false });
  expect(waitingSince(NOON, NOON - DAY, undefined)).toMatchObject({ isLate: true });
  expect(waitingSince(NOON, NOON - 90 * DAY, NOON - 2 * DAY)).toMatchObject({ isLate: true, deadline: NOON - DAY });
});

test("nothing is told where nothing is known, nor of a wait that begins later", () => {
  expect(waitingSince(NOON, undefined, undefined)).toBeUndefined();
  expect(waitingSince(NOON, NOON + 60, undefined)).toMatchObject({ since: NOON });
});
