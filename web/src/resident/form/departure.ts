/** When somebody leaves where they are now; that nobody knows is an answer like the others. */

import { dayOf, endOfDay, secondsOf } from "../../clock";
import { MINUTE, type Seconds } from "../../verify/values";

export const ANSWERS = ["unknown", "day", "left"] as const;

export interface Departure {
  answer: (typeof ANSWERS)[number];
  /** Such as 2026-11-30, for the answer `day`. */
  day: string;
}

export const UNKNOWN: Departure = { answer: "unknown", day: "" };

/** What is stored, as the form shows it. */
export function departureFrom(until: string | null): Departure {
  return until === null ? { ...UNKNOWN } : { answer: "day", day: dayOf(secondsOf(until) - 1) };
}

/** What is sent; `undefined` while the day is missing. */
export function untilOf({ answer, day }: Departure, now: Seconds): string | undefined {
  if (answer === "unknown") return "unknown";
  // The day of departure still counts here; and a departure lies ahead, be it by a minute.
  const until = answer === "left" ? now + MINUTE : endOfDay(day);
  return until === undefined ? undefined : new Date(until * 1000).toISOString();
}
