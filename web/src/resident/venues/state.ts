/** Visits and warnings of this phone: matched here, by lists that are the same for everybody; reported where rules say so. */

import { computed, shallowRef } from "vue";
import { getPublicBytes, getText, Problem, Unreachable } from "../../api/client";
import { type HeldWarnings, Lists } from "../../checkpoint/lists";
import { pinnedRoots } from "../../checkpoint/roots";
import { browserShelf } from "../../checkpoint/shelf";
import { nowSeconds } from "../../clock";
import type { CodeRefusal } from "../../verify/refusal";
import { session } from "../session";
import { type VenueOutcome, venueTime, verifyVenue } from "../../verify/venue";
import { type Warning, warningsAbout } from "../../verify/warning-list";
import { type Demand, deliverVisits, fetchDemands, noteRead } from "./reports";
import { keptVisits, keepVisit, type Visit } from "./visits";

export const visits = shallowRef<readonly Visit[]>([]);
/** The rules in force that have visits reported; unknown until they were fetched. */
export const demands = shallowRef<readonly Demand[]>();
export const held = shallowRef<HeldWarnings>({ trust: undefined, warnings: undefined });

/** Each visit that somebody is warned about, with its first warning. */
export const warned = computed<readonly { visit: Visit; warning: Warning }[]>(() =>
  visits.value.flatMap((visit) => {
    const [warning] = held.value.warnings ? warningsAbout(held.value.warnings, visit) : [];
    return warning ? [{ visit, warning }] : [];
  }),
);

/** The time that counts here: a clock that was turned back keeps nothing longer. */
export function venueNow(): number {
  return venueTime(nowSeconds(), { ...held.value, built: __BUILT__ });
}

export async function reloadVisits(): Promise<void> {
  visits.value = await keptVisits(venueNow());
}

let renewing: Promise<void> | undefined;

/** Opens what is stored and fetches what is new; a phone without visits does the same, so that no request tells of any. */
export function renewWarnings(): Promise<void> {
  renewing ??= renew().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renew(): Promise<void> {
  const roots = await pinnedRoots(__ROOTS__, browserShelf, getText);
  if (roots) {
    const lists = await Lists.of(roots, browserShelf, __BUILT__);
    if (!held.value.trust) held.value = await lists.storedWarnings();
    await reloadVisits();
    held.value = await lists.renewWarnings(held.value, getPublicBytes, nowSeconds());
  }
  await reloadVisits();
  await renewDemands();
}

async function renewDemands(): Promise<void> {
  try {
    demands.value = await fetchDemands();
  } catch (error) {
    if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
  }
  await deliver();
}

/** The holder has read why visits are reported. */
export async function readDemand(demand: Demand): Promise<void> {
  await noteRead(demand);
  demands.value = demands.value?.map((one) => (one.pack === demand.pack ? { ...one, isRead: true } : one));
  await deliver();
}

let delivering = Promise.resolve();

/** Sends the visits that are asked for, one delivery at a time, if somebody is signed in for whom they are stored. */
export function deliver(): Promise<void> {
  delivering = delivering.catch(() => undefined).then(async () => {
    if (session.state !== "registered") return;
    await deliverVisits(await keptVisits(venueNow()), demands.value ?? []);
    await reloadVisits();
  });
  return delivering;
}

let visiting: Promise<unknown> = Promise.resolve();

/** Verifies a link, and keeps the visit if its screen was seen just now. One link at a time: one read twice is one visit. */
export function visitLink(link: string): Promise<VenueOutcome> {
  const visited = visiting.catch(() => undefined).then(() => visit(link));
  visiting = visited;
  return visited;
}

async function visit(link: string): Promise<VenueOutcome> {
  if (!held.value.trust) await renewWarnings();
  const { trust, warnings } = held.value;
  const missing: CodeRefusal = "trust_list_too_old";
  if (!trust) return { kind: "refused", reason: missing };
  const outcome = await verifyVenue(link, { trust, warnings, built: __BUILT__ }, nowSeconds());
  if (outcome.kind === "verified") {
    await keepVisit(outcome.seen, link);
    await reloadVisits();
    void deliver();
  }
  return outcome;
}
