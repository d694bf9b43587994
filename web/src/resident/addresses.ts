/** Which of the addresses that were ever given are those of now. */

import { secondsOf } from "../clock";
import type { Seconds } from "../verify/values";
import type { Address } from "./api";

const ORDER = ["present", "home", "workplace"] as const;

/** The address of each role that stands, in the order in which they count. */
export function currentOf(addresses: readonly Address[], now: Seconds): Address[] {
  const standing = addresses.filter(({ stands, until }) => stands && (until === null || secondsOf(until) > now));
  return ORDER.flatMap((role) => standing.find((address) => address.role === role) ?? []);
}

/** The one by which the colour is worked out. */
export function countingOf(current: readonly Address[]): Address | undefined {
  return current.find(({ role }) => role !== "workplace");
}
