/** How long somebody waits for a comparison, and until when it should have come. */

import { DAY, type Seconds } from "../verify/values";

export interface Waiting {
  readonly since: Seconds;
  /** A day after it began. */
  readonly deadline: Seconds;
  readonly isLate: boolean;
}

/**
 * Who has just applied waits since the first declaration; who was compared before waits since that comparison has lapsed.
 * Nothing is known without either.
 */
export function waitingSince(
  now: Seconds,
  declared: Seconds | undefined,
  lapsed: Seconds | undefined,
): Waiting | undefined {
  const known = [declared, lapsed].filter((at) => at !== undefined);
  if (known.length === 0) return undefined;
  const since = Math.min(now, Math.max(...known));
  return { since, deadline: since + DAY, isLate: since + DAY <= now };
}
