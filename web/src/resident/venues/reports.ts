/** Visits that rules in force have reported: the holder reads why first, then each is sent once. */

import { getPublicBytes, Problem, Unreachable } from "../../api/client";
import type { Texts } from "../../i18n/texts";
import type { VenueVisits } from "../../rules/packs";
import { secondsOf } from "../../clock";
import { readOne, write } from "../code/database";
import { reportVisit } from "../api";
import type { Visit } from "./visits";

/** Rules in force that have visits reported. */
export interface Demand {
  readonly pack: string;
  readonly title: Texts;
  readonly authority: Texts;
  /** Where; empty for the whole country. */
  readonly areas: readonly { readonly code: string; readonly full_name: string }[];
  readonly venue_visits: VenueVisits;
  /** Whether the holder has read it. */
  readonly isRead: boolean;
}

/** What is in force; the answer is the same for everybody, and fetched without saying who asks. */
export async function fetchDemands(): Promise<Demand[]> {
  const text = new TextDecoder().decode(await getPublicBytes("/v1/venue-visits"));
  const demands = JSON.parse(text) as Omit<Demand, "isRead">[];
  const isRead = async (demand: Omit<Demand, "isRead">) => (await readOne<boolean>("notices", noticeOf(demand))) === true;
  return Promise.all(demands.map(async (demand) => ({ ...demand, isRead: await isRead(demand) })));
}

/** Keeps that the holder has read what is demanded; for another time or reason it is read anew. */
export function noteRead(demand: Demand): Promise<void> {
  return write("notices", noticeOf(demand), true);
}

function noticeOf({ pack, venue_visits }: Pick<Demand, "pack" | "venue_visits">): string {
  return JSON.stringify([pack, venue_visits]);
}

/** Whether these rules ask for a visit whose screen showed its link there and then. */
export function isAskedFor({ scan }: Visit, demands: readonly Demand[]): boolean {
  const asks = ({ areas, venue_visits: { from, until } }: Demand) =>
    scan !== undefined &&
    (areas.length === 0 || isWithin(scan.area, areas)) &&
    secondsOf(from) <= scan.at &&
    scan.at < secondsOf(until);
  return demands.some(asks);
}

/** Whether an area is one of these or lies in one: its code goes on from theirs, and in a place that was added lies none. */
function isWithin(area: string, areas: Demand["areas"]): boolean {
  return areas.some(({ code }) => area === code || (!code.includes(".") && area.startsWith(code)));
}

/** Sends what is asked for, the oldest first, once all that is in force was read; stops where no answer comes. */
export async function deliverVisits(visits: readonly Visit[], demands: readonly Demand[]): Promise<void> {
  if (demands.some(({ isRead }) => !isRead)) return;
  for (const { id, scan } of [...visits].reverse().filter((visit) => isAskedFor(visit, demands))) {
    if (!scan) continue;
    try {
      const { area, day, kept_until, proven } = await reportVisit(scan.link, scan.key);
      await noteSent(id, { area: area.full_name, day, kept_until, proven });
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
      if (error instanceof Unreachable || error.mayPassLater) return;
      // No rules ask for this one, or no longer: the visit stays here, and is offered no more.
      await noteSent(id, undefined);
    }
  }
}

/** Notes what came of a visit, which its holder may have ended or erased while it was sent. */
async function noteSent(id: string, stored: Visit["stored"]): Promise<void> {
  const kept = await readOne<Visit>("visits", id);
  if (!kept) return;
  const { scan: _, ...visit } = kept;
  await write("visits", id, (stored ? { ...visit, stored } : visit) satisfies Visit);
}
