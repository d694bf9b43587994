/** What holds of both kinds of lists: a newer one replaces the one that is held, an older one never. */

import { type Bytes, sha256, toHex } from "./bytes";
import { demand } from "./refusal";
import type { Seconds } from "./values";

/** What a verifier remembers of the newest list it ever held. */
export interface Mark {
  /** The number of a trust list, the version of a status list. */
  readonly number: number;
  readonly sha256: string;
}

export async function markOf(bytes: Bytes, number: number): Promise<Mark> {
  return { number, sha256: toHex(await sha256(bytes)) };
}

/** Refuses what is older than what was held, and what has ended. */
export function demandNewest(mark: Mark, held: Mark | undefined, expires: Seconds, now: Seconds): void {
  if (held) {
    demand(mark.number >= held.number, "rolled_back");
    demand(mark.number > held.number || mark.sha256 === held.sha256, "number_reused");
  }
  demand(now < expires, "expired");
}
