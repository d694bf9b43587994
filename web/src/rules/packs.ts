/** The rule packs as the node answers them. */

import { getJson } from "../api/client";
import type { Texts } from "../i18n/texts";
import type { Colour } from "../verify/claims";

interface Named {
  readonly code: string;
  readonly full_name: string;
}

/** What a pack says of a list: what puts a place or a person on it. */
export type Evidence = "cases" | "register" | "map" | "traces";

export interface PackList {
  readonly id: string;
  readonly title: Texts;
  readonly evidence?: Evidence;
  /** Which cases, where the pack itself lists places for them. */
  readonly source?: string;
  /** Whether it is this system's own register. */
  readonly kept_here: boolean;
  readonly from: string;
  /** What the pack itself puts on the list; what is filed later is not in it. */
  readonly areas: readonly Named[];
  readonly except: readonly Named[];
}

/** That visits to venues are reported, for a time and a reason. */
export interface VenueVisits {
  readonly from: string;
  readonly until: string;
  /** For how many days after its day a visit is kept. */
  readonly days: number;
  readonly source: string;
  readonly reason: Texts;
}

/** What a rule is there for: against import, against spread inside, or a matter of procedure. */
export const PURPOSES = ["arrivals", "inside", "procedure"] as const;

export interface Rule {
  readonly id: string;
  readonly colour: Colour;
  readonly class: "risk" | "administrative";
  readonly purpose: (typeof PURPOSES)[number];
  readonly when: Texts;
  readonly source: string;
  readonly reason: Texts;
  readonly guide: Texts;
  readonly clears: Texts;
}

export interface Pack {
  readonly id: string;
  readonly title: Texts;
  readonly authority: Texts;
  readonly instrument: Texts;
  readonly call: Texts;
  /** Where it applies; empty for the whole country. */
  readonly areas: readonly Named[];
  readonly ceiling?: Colour;
  /** Why rules of the version before are still needed; only a renewal says so. */
  readonly because?: Texts;
  /** Why it was not announced a day before it binds. */
  readonly emergency?: Texts;
  readonly published: string;
  readonly from: string;
  readonly until: string;
  readonly base: Colour;
  /** Absent where visits stay on the phones. */
  readonly venue_visits?: VenueVisits;
  readonly lists: readonly PackList[];
  readonly rules: readonly Rule[];
}

export const readPacks = () => getJson<Pack[]>("/v1/packs");
export const readPack = (id: string) => getJson<Pack>(`/v1/packs/${id}`);

/** How a pack marks what its notice leaves open; it stands after the sentence of the notice, or alone. */
const OUR_READING = "our reading";

/** What a rule takes from its notice word for word, in Chinese; empty if it takes nothing. */
export function quotedFrom(source: string): string {
  return source.split("; ").filter((part) => !part.includes(OUR_READING)).join("; ");
}

/** Whether the notice leaves open a part of the rule. */
export const isPartlyRead = (source: string) => source.includes(OUR_READING);
