/** No deadline is shown that has passed as if it were to come. */

import { expect, test } from "vitest";
import { instantOf } from "../clock";
import type { Verdict } from "./api";
import { waitOf } from "./pending";

const HOUR = 3600;
const DAY = 24 * HOUR;
const SINCE = 1_600_000_000;

/** A verdict of a node whose data end at `heard`, grey since `from`. */
function pending(from: number | null, heard: number): Verdict {
  const ground = { cause: "not-compared", from: from === null ? null : instantOf(from) };
  return { grounds: [{ cause: "check-in-lapsed", from: null }, ground], as_of: { instant: instantOf(heard) } } as unknown as Verdict;
}

test.each([
  ["just declared", 0, 0, "waiting"],
  ["a second before the end", DAY - 1, DAY - 1, "waiting"],
  ["at the end", DAY, DAY, "late"],
  ["weeks later", 20 * DAY, 20 * DAY, "late"],
  ["at the end, without a network since the second before", DAY, DAY - 1, "unheard"],
  ["weeks later, with data of the end", 20 * DAY, DAY, "late"],
] as const)("%s", (_, now, heard, state) => {
  const wait = waitOf(pending(SINCE, SINCE + heard), SINCE + 1, SINCE + now);
  expect(wait).toEqual({ since: SINCE, due: SINCE + DAY, isAgain: false, state });
});

test("what is waited for once more is waited for since then, and not since the first declaration", () => {
  const lapsed = SINCE + 90 * DAY;
  const wait = waitOf(pending(lapsed, lapsed + HOUR), SINCE, lapsed + HOUR);
  expect(wait).toEqual({ since: lapsed, due: lapsed + DAY, isAgain: true, state: "waiting" });
});

test("without a beginning the first declaration is one, and without that nothing is said", () => {
  expect(waitOf(pending(null, SINCE), SINCE, SINCE)).toMatchObject({ since: SINCE, isAgain: false });
  expect(waitOf(pending(null, SINCE), undefined, SINCE)).toBeUndefined();
});
