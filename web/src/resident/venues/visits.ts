/** Visits to venues: kept on this phone, told to nobody but where rules in force ask for it, and erased after a bound. */

import { idempotencyKey } from "../../api/client";
import type { VerifiedVenue } from "../../verify/venue";
import { DAY, HOUR, type Seconds } from "../../verify/values";
import { readAll, remove, write } from "../code/database";

export interface Visit {
  readonly id: string;
  /** The id of the venue in hexadecimal digits. */
  readonly venue: string;
  readonly name: string;
  readonly from: Seconds;
  /** When the holder left, or until when a visit is taken to last. */
  readonly until: Seconds;
  /** What the screen showed, where and when, for rules that have visits reported; gone once it was sent. */
  readonly scan?: { readonly link: string; readonly area: string; readonly at: Seconds; readonly key: string };
  /** What was stored of it centrally. */
  readonly stored?: { readonly area: string; readonly day: string; readonly kept_until: string; readonly proven: boolean };
}

/** How long a visit is taken to last if nobody says when it ended. */
export const STAY_SECONDS = 4 * HOUR;

/** For how long a visit is kept after its end. */
export const KEPT_SECONDS = 14 * DAY;

/** Keeps a visit that begins; whoever is here is no longer elsewhere, and a second scan makes the stay longer. */
export async function keepVisit({ venue, name, area, at }: VerifiedVenue, link: string): Promise<void> {
  const open = (await readAll<Visit>("visits")).filter(({ from, until }) => from <= at && at < until);
  const same = open.find((visit) => visit.venue === venue);
  // Two screens may have signed in the same second, and what has no length would match no warning.
  for (const visit of open) if (visit !== same) await leaveVenue(visit, Math.max(at, visit.from + 1));
  const scan = { link, area, at, key: idempotencyKey() };
  const visit = same ?? { id: crypto.randomUUID(), venue, name, from: at, scan };
  await write("visits", visit.id, { ...visit, until: at + STAY_SECONDS } satisfies Visit);
}

/** Ends a visit; one that its holder ends as it begins is forgotten. */
export async function leaveVenue(visit: Visit, now: Seconds): Promise<void> {
  const until = Math.min(visit.until, now);
  if (until <= visit.from) await eraseVisit(visit);
  else await write("visits", visit.id, { ...visit, until } satisfies Visit);
}

export function eraseVisit({ id }: Visit): Promise<void> {
  return remove("visits", id);
}

/** The visits that are kept, the latest first; those past the bound are erased. */
export async function keptVisits(now: Seconds): Promise<Visit[]> {
  const all = await readAll<Visit>("visits");
  for (const visit of all.filter(({ until }) => until + KEPT_SECONDS <= now)) await eraseVisit(visit);
  return all.filter(({ until }) => now < until + KEPT_SECONDS).sort((a, b) => b.from - a.from);
}
