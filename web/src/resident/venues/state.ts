/** Visits and warnings of this phone: matched here, by lists that are the same for everybody. */

import { computed, shallowRef } from "vue";
import { getPublicBytes, getText } from "../../api/client";
import { type HeldWarnings, Lists } from "../../checkpoint/lists";
import { pinnedRoots } from "../../checkpoint/roots";
import { browserShelf } from "../../checkpoint/shelf";
import { nowSeconds } from "../../clock";
import type { CodeRefusal } from "../../verify/refusal";
import { type VenueOutcome, venueTime, verifyVenue } from "../../verify/venue";
import { type Warning, warningsAbout } from "../../verify/warning-list";
import { keptVisits, keepVisit, type Visit } from "./visits";

export const visits = shallowRef<readonly Visit[]>([]);
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
}

/** Verifies a link, and keeps the visit if its screen was seen just now. */
export async function visitLink(link: string): Promise<VenueOutcome> {
  if (!held.value.trust) await renewWarnings();
  const { trust, warnings } = held.value;
  const missing: CodeRefusal = "trust_list_too_old";
  if (!trust) return { kind: "refused", reason: missing };
  const outcome = await verifyVenue(link, { trust, warnings, built: __BUILT__ }, nowSeconds());
  if (outcome.kind === "verified") {
    await keepVisit(outcome.seen);
    await reloadVisits();
  }
  return outcome;
}
