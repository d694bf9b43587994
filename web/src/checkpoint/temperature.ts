/** What follows from a reading of temperature, in tenths of a degree, and which scan it belongs to. */

import { toBase64Url } from "../verify/bytes";
import type { Claims } from "../verify/claims";

/** 37.3 degrees and above count as fever. */
export const FEVER = 373;

const PLAUSIBLE = { least: 340, most: 430 };

export type Reading = "implausible" | "normal" | "again" | "fever";

/** Judges a reading; a high one counts only if a second one confirms it. */
export function judge(value: number, first: number | undefined): Reading {
  if (value < PLAUSIBLE.least || value > PLAUSIBLE.most) return "implausible";
  if (value < FEVER) return "normal";
  return first === undefined ? "again" : "fever";
}

/** The scan as the node wants it: the random id of a live code, or the whole text of a paper code, which has none. */
export type Scan = { readonly presentation: string } | { readonly paper: string };

export function scanOf(claims: Claims, text: string): Scan {
  return claims.mode === "live" ? { presentation: toBase64Url(claims.id) } : { paper: text };
}

export function degrees(value: number): string {
  return (value / 10).toFixed(1);
}
