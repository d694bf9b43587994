/** Waiting for a colour: since when, until when at most, and whether that time is over. */

import { secondsOf } from "../clock";
import { DAY, type Seconds } from "../verify/values";
import type { Verdict } from "./api";

export interface Wait {
  readonly since: Seconds;
  readonly due: Seconds;
  /** Whether there was a colour before: a comparison has run out, or has found something that is looked into. */
  readonly isAgain: boolean;
  /** `late`: the node says that it is overdue; `unheard`: it may be done, and this phone has not heard since. */
  readonly state: "waiting" | "late" | "unheard";
}

/** A registration and what was declared with it are not recorded in the same instant. */
const SAME_FILING_SECONDS = 60;

/** What is waited for by a verdict; `declared` is when the first declaration was recorded, if that is known. */
export function waitOf({ grounds, as_of }: Verdict, declared: Seconds | undefined, now: Seconds): Wait | undefined {
  const from = grounds.find(({ cause }) => cause === "not-compared")?.from;
  const since = from ? secondsOf(from) : declared;
  if (since === undefined) return undefined;
  const due = since + DAY;
  const isAgain = declared !== undefined && since > declared + SAME_FILING_SECONDS;
  const overdue = secondsOf(as_of.instant) < due ? "unheard" : "late";
  return { since, due, isAgain, state: now < due ? "waiting" : overdue };
}
