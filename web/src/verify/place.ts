/** What a place makes of an outcome. */

import type { CodeRefusal } from "./refusal";
import type { Outcome } from "./verify";

/** Places that a yellow or red code does not enter. */
export const STOPPING_CLASSES = ["traffic", "work", "government", "venue"] as const;

/** Places that nobody is turned away from. */
export const OPEN_CLASSES = ["hospital", "fever-clinic", "home", "pharmacy", "emergency", "shelter", "court"] as const;

export const PLACE_CLASSES = [...STOPPING_CLASSES, ...OPEN_CLASSES] as const;
export type PlaceClass = (typeof PLACE_CLASSES)[number];

export const LEVELS = ["low", "medium", "high"] as const;
export type Level = (typeof LEVELS)[number];

export interface Place {
  readonly class: PlaceClass;
  /** The level of the area that it lies in. */
  readonly level: Level;
  /** Whether it stands on the public list of special places. */
  readonly listed: boolean;
  readonly strict: boolean;
  /** Whether staff stands there. */
  readonly attended: boolean;
}

export type Decision = "no-check" | "pass" | "lane" | "stop" | "cannot-tell";

/** Whether codes are checked at the place at all. */
export function isChecking(place: Place): boolean {
  return place.level !== "low" || place.listed;
}

export function decide(place: Place, outcome: Outcome): Decision {
  if (!isChecking(place)) return "no-check";
  const stop = (STOPPING_CLASSES as readonly PlaceClass[]).includes(place.class) ? "stop" : "lane";
  if (outcome.kind === "refused") {
    if (CANNOT_TELL.has(outcome.reason)) return "cannot-tell";
    return outcome.reason === "paper_not_accepted" ? "lane" : stop;
  }
  switch (outcome.code.standing) {
    case "green":
    case "passes":
      return "pass";
    case "grey":
      return "lane";
    case "yellow":
    case "red":
      return stop;
  }
}

/** What is no fault of the holder. */
const CANNOT_TELL: ReadonlySet<CodeRefusal> = new Set<CodeRefusal>([
  "trust_list_too_old",
  "not_yet_valid",
  "status_list_missing",
  "status_list_too_old",
  "stale",
]);
