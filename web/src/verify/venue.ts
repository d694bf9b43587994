/** Venue tokens: what the screen at an entrance shows, verified on the phone of whoever comes in. */

import { type Bytes, fromBase64Url, toHex } from "./bytes";
import { CborMap, type Item } from "./cbor";
import { isPoint, isSignedBy, type PublicKey, readCredential, readKey, readSigned } from "./cose";
import { readPresentation } from "./presentation";
import { type CodeRefusal, demand, Refused } from "./refusal";
import { demandIssuer, demandValidAt, type TrustList } from "./trust-list";
import { DAY, isBytesOf, isIssuer, isNegative, isU32, type Seconds } from "./values";
import type { WarningList } from "./warning-list";

/** What a phone holds. */
export interface VenueVerifier {
  readonly trust: TrustList;
  readonly warnings: WarningList | undefined;
  /** When this software was built. */
  readonly built: Seconds;
}

/** A venue whose screen was seen within the minute. */
export interface VerifiedVenue {
  /** The id in hexadecimal digits. */
  readonly venue: string;
  readonly name: string;
  /** The code of the smallest listed area that it lies in. */
  readonly area: string;
  /** When its device signed. */
  readonly at: Seconds;
}

export type VenueOutcome =
  | { readonly kind: "verified"; readonly seen: VerifiedVenue }
  | { readonly kind: "refused"; readonly reason: CodeRefusal };

/** What stands before the token in its link. */
export const LINK_PART = "#venue=";

const TOKEN_MAX = 600;
const AHEAD_MAX = 30;
const AGE_MAX = 60;
const OURS = -65537;
const MODE_VENUE = 3;
const NAME_BYTES_MAX = 60;

/** Verifies a link by the clock of the phone. docs/CODE.md, "Venues", is the order. */
export async function verifyVenue(text: string, verifier: VenueVerifier, clock: Seconds): Promise<VenueOutcome> {
  try {
    return { kind: "verified", seen: await verified(text, verifier, clock) };
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused", reason: error.reason as CodeRefusal };
    throw error;
  }
}

/** The time that counts: a clock that was turned back lets no old token pass, and no visit be kept longer. */
export function venueTime(
  clock: Seconds,
  { trust, warnings, built }: { trust: TrustList | undefined; warnings: WarningList | undefined; built: Seconds },
): Seconds {
  return Math.max(Math.floor(clock), built, trust?.issued ?? 0, warnings?.issued ?? 0);
}

async function verified(text: string, verifier: VenueVerifier, clock: Seconds): Promise<VerifiedVenue> {
  const { trust } = verifier;
  const now = venueTime(clock, verifier);
  const layer = readSigned(tokenOf(text));
  const { credential, time, opening } = readPresentation(layer.payload);
  demand(opening === undefined, "presentation_invalid");
  const object = readCredential(credential);
  const claims = readVenueClaims(object.payload);
  demand(now < trust.expires, "trust_list_too_old");
  demand(claims.issuer === trust.issuer, "issuer_wrong");
  demandValidAt(await demandIssuer(trust, object, "venue"), claims.issued);
  const isItsKey = isPoint(claims.device) && (await isSignedBy(layer, claims.device));
  demand(isItsKey, "presentation_key_mismatch");
  demand(claims.issued <= now + AHEAD_MAX, "not_yet_valid");
  demand(now < claims.expires, "expired");
  demand(time <= now + AHEAD_MAX, "presentation_from_future");
  demand(time >= now - AGE_MAX, "presentation_too_old");
  return { venue: toHex(claims.venue), name: claims.name, area: claims.area, at: time };
}

function tokenOf(text: string): Bytes {
  demand(text !== "", "empty");
  const at = text.indexOf(LINK_PART);
  demand(at >= 0, "not_ours");
  const token = text.slice(at + LINK_PART.length);
  demand(token.length <= TOKEN_MAX, "oversized");
  const bytes = fromBase64Url(token);
  demand(bytes !== undefined, "not_ours");
  return bytes;
}

interface VenueClaims {
  readonly issuer: string;
  readonly issued: Seconds;
  readonly expires: Seconds;
  readonly device: PublicKey;
  readonly venue: Bytes;
  readonly name: string;
  readonly area: string;
}

type Found = { -readonly [K in keyof VenueClaims]?: VenueClaims[K] } & { mode?: number };

function readVenueClaims(payload: Item): VenueClaims {
  demand(payload instanceof CborMap, "claim_invalid");
  const found: Found = {};
  for (const [key, value] of payload.entries) take(key, value, found);
  const { issuer, issued, expires, device, mode, venue, name, area } = found;
  demand(mode !== undefined, "claim_missing");
  demand(mode === MODE_VENUE, "claim_invalid");
  demand(issuer !== undefined && issued !== undefined && expires !== undefined, "claim_missing");
  demand(device !== undefined && venue !== undefined, "claim_missing");
  demand(name !== undefined && area !== undefined, "claim_missing");
  demand(issued < expires && expires - issued <= DAY, "lifetime_invalid");
  return { issuer, issued, expires, device, venue, name, area };
}

function take(key: Item, value: Item, found: Found): void {
  if (key === 1) {
    demand(isIssuer(value), "claim_invalid");
    found.issuer = value;
  } else if (key === 4 || key === 6) {
    demand(isU32(value), "claim_invalid");
    found[key === 4 ? "expires" : "issued"] = value;
  } else if (key === 8) {
    const device = value instanceof CborMap && value.size === 1 ? readKey(value.get(1)) : undefined;
    demand(device !== undefined, "claim_invalid");
    found.device = device;
  } else if (key === OURS) {
    demand(value instanceof CborMap, "claim_invalid");
    for (const [ours, item] of value.entries) takeOurs(ours, item, found);
  }
}

function takeOurs(key: Item, value: Item, found: Found): void {
  demand(!isNegative(key), "critical_unknown");
  if (key === 1) {
    demand(isU32(value), "claim_invalid");
    found.mode = value;
  } else if (key === 9) {
    demand(isBytesOf(value, 16), "claim_invalid");
    found.venue = value;
  } else if (key === 10) {
    demand(isName(value), "claim_invalid");
    found.name = value;
  } else if (key === 11) {
    demand(isArea(value), "claim_invalid");
    found.area = value;
  }
}

/** 2, 4, 6, 9 or 12 digits, the last segment of which is not of zeros, and perhaps the number of a place below it. */
const AREA = /^[1-9]\d(?:(?!00)\d\d|\d\d(?!00)\d\d|\d{4}(?!000)\d{3}|\d{7}(?!000)\d{3})?(?:\.[1-9]\d{0,5})?$/;

function isArea(value: Item): value is string {
  return typeof value === "string" && AREA.test(value);
}

function isName(value: Item): value is string {
  if (typeof value !== "string" || /\p{Cc}/u.test(value)) return false;
  const { length } = new TextEncoder().encode(value);
  return length >= 1 && length <= NAME_BYTES_MAX;
}
