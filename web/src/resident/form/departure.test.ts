/** Not knowing is an answer, and a day counts to its end in Beijing. */

import { expect, test } from "vitest";
import { departureFrom, UNKNOWN, untilOf } from "./departure";

const NOW = Date.parse("2026-11-22T10:00:00+08:00") / 1000;

test("that nobody knows is sent as such, and comes back as such", () => {
  expect(untilOf(UNKNOWN, NOW)).toBe("unknown");
  expect(departureFrom(null)).toEqual(UNKNOWN);
});

test("the day of departure counts to its end, and comes back as the same day", () => {
  const until = untilOf({ answer: "day", day: "2026-11-30" }, NOW);
  expect(until).toBe("2026-11-30T16:00:00.000Z");
  expect(departureFrom("2026-12-01T00:00:00+08:00")).toEqual({ answer: "day", day: "2026-11-30" });
});

test("a day that is missing is not made up", () => {
  expect(untilOf({ answer: "day", day: "" }, NOW)).toBeUndefined();
});

test("who has left already leaves within the next minute", () => {
  expect(untilOf({ answer: "left", day: "" }, NOW)).toBe("2026-11-22T02:01:00.000Z");
});
