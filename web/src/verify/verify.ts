/** Verifies a scanned text against the lists that a checkpoint holds. docs/CODE.md, "Verifying", is the order. */

import { decodeBase45 } from "./base45";
import { decodeCbor } from "./cbor";
import { type Claims, type Colour, type Guardian, type LiveClaims, type PaperClaims, readClaims } from "./claims";
import { credentialOf, formOf, isCredential, isPoint, isSignedBy, readCredential, type SignedObject } from "./cose";
import type { Place } from "./place";
import { opens, type Presentation, readPresentation } from "./presentation";
import { type CodeRefusal, demand, Refused } from "./refusal";
import { PRESENTATION_AGE_MAX, type Seen } from "./seen";
import { countsUnder, isFallen, type StatusList } from "./status-list";
import { demandIssuer, demandValidAt, type TrustList } from "./trust-list";
import { DAY, HOUR, MINUTE, type Seconds, type Who } from "./values";

/** What a checkpoint holds. */
export interface Checkpoint {
  readonly place: Place;
  readonly trust: TrustList;
  readonly status: readonly StatusList[];
  /** When this software was built. */
  readonly built: Seconds;
}

/** What a code says once everything about it holds. */
export interface VerifiedCode {
  readonly standing: Colour | "passes";
  readonly asOf: Seconds;
  /** How many hours old the data are, where they are no longer fresh. */
  readonly olderHours: number | undefined;
  readonly expires: Seconds;
  readonly epoch: number | undefined;
  readonly who: Who | undefined;
  readonly guardian: Guardian | undefined;
  readonly claims: Claims;
}

export type Outcome =
  | { readonly kind: "verified"; readonly code: VerifiedCode }
  | { readonly kind: "refused"; readonly reason: CodeRefusal };

/** Verifies a text by the clock of the device, and remembers in `seen` what it accepted. */
export async function verify(text: string, checkpoint: Checkpoint, seen: Seen, clock: Seconds): Promise<Outcome> {
  try {
    return { kind: "verified", code: await verified(text, checkpoint, seen, clock) };
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused", reason: error.reason as CodeRefusal };
    throw error;
  }
}

/** The time that counts: a clock that was turned back lets nothing old pass. */
export function effectiveTime(
  clock: Seconds,
  held: { trust?: TrustList | undefined; status: readonly StatusList[]; built: Seconds },
): Seconds {
  const issued = held.status.map((list) => list.issued);
  return Math.max(Math.floor(clock), held.built, held.trust?.issued ?? 0, ...issued);
}

const PREFIX = "YM1:";
const TEXT_MAX = 600;
const AHEAD_MAX = 30;
const STATUS_AGE_MAX = DAY;
const AGE_MAX = DAY;

async function verified(text: string, checkpoint: Checkpoint, seen: Seen, clock: Seconds): Promise<VerifiedCode> {
  const now = effectiveTime(clock, checkpoint);
  const { object, claims, device } = readText(text);
  await demandTrusted(checkpoint.trust, object, claims, now);
  if (claims.mode === "live") await demandDevice(claims, device);
  demand(claims.issued <= now + AHEAD_MAX, "not_yet_valid");
  demand(now < claims.expires, "expired");
  if (claims.mode === "paper") return paper(claims, checkpoint, now);
  return live(claims, (device as Device).presentation, checkpoint, seen, now);
}

interface Device {
  readonly object: SignedObject;
  readonly presentation: Presentation;
}

interface ReadCode {
  readonly object: SignedObject;
  readonly claims: Claims;
  /** The layer of the device, where there is one. */
  readonly device: Device | undefined;
}

/** Reads the text down to its claims; nothing of it is believed yet. */
function readText(text: string): ReadCode {
  demand(text !== "", "empty");
  demand(text.startsWith(PREFIX), "not_ours");
  // A character outside of the first plane counts once, though it has two units.
  demand([...text.slice(0, 2 * TEXT_MAX + 2)].length <= TEXT_MAX, "oversized");
  const outer = decodeCbor(decodeBase45(text.slice(PREFIX.length)));
  if (isCredential(outer)) {
    const object = credentialOf(outer);
    return { object, claims: readClaims(object.payload), device: undefined };
  }
  const layer = formOf(outer);
  const device = { object: layer, presentation: readPresentation(layer.payload) };
  const object = readCredential(device.presentation.credential);
  const claims = readClaims(object.payload);
  demand(claims.mode === "live", "presentation_invalid");
  return { object, claims, device };
}

async function demandTrusted(trust: TrustList, object: SignedObject, claims: Claims, now: Seconds): Promise<void> {
  demand(now < trust.expires, "trust_list_too_old");
  demand(claims.issuer === trust.issuer, "issuer_wrong");
  const key = await demandIssuer(trust, object, claims.mode);
  demandValidAt(key, claims.issued);
}

async function demandDevice(claims: LiveClaims, device: Device | undefined): Promise<void> {
  demand(device !== undefined, "presentation_missing");
  const isItsKey = isPoint(claims.device) && (await isSignedBy(device.object, claims.device));
  demand(isItsKey, "presentation_key_mismatch");
  const { opening } = device.presentation;
  demand(opening === undefined || (await opens(opening, claims.commitment)), "who_mismatch");
}

function live(
  claims: LiveClaims,
  presentation: Presentation,
  checkpoint: Checkpoint,
  seen: Seen,
  now: Seconds,
): VerifiedCode {
  const { time, opening } = presentation;
  demand(time <= now + AHEAD_MAX, "presentation_from_future");
  demand(time >= now - PRESENTATION_AGE_MAX, "presentation_too_old");
  demand(!seen.has(claims.id, time), "replayed");
  const { asOf, expires, epoch, colour } = claims;
  const olderHours = ageOf(asOf, checkpoint.place, now);
  seen.add(claims.id, time, now);
  const who = opening && { character: opening.character, day: opening.day };
  return { standing: colour, asOf, olderHours, expires, epoch, who, guardian: undefined, claims };
}

function paper(claims: PaperClaims, checkpoint: Checkpoint, now: Seconds): VerifiedCode {
  const { expires, who, guardian, status } = claims;
  demand(checkpoint.place.attended, "paper_not_accepted");
  const list = checkpoint.status.find((list) => list.number === status.list);
  demand(list !== undefined && countsUnder(list, checkpoint.trust), "status_list_missing");
  demand(now < list.expires && now - list.issued <= STATUS_AGE_MAX, "status_list_too_old");
  const isEntryFallen = isFallen(list, status.index);
  demand(isEntryFallen !== undefined, "status_index_out_of_range");
  demand(!isEntryFallen, "status_fallen");
  const olderHours = ageOf(list.issued, checkpoint.place, now);
  return { standing: "passes", asOf: list.issued, olderHours, expires, epoch: undefined, who, guardian, claims };
}

/** How many hours old data are that are not fresh any more; refuses those that are too old for the place. */
function ageOf(asOf: Seconds, place: Place, now: Seconds): number | undefined {
  const age = now - asOf;
  if (age <= (place.strict ? 2 : 10) * MINUTE) return undefined;
  demand(!place.strict && age <= AGE_MAX, "stale");
  return Math.ceil(age / HOUR);
}
