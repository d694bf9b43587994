/** What stands in a credential. */

import type { Bytes } from "./bytes";
import { CborMap, type Item } from "./cbor";
import { type PublicKey, readKey } from "./cose";
import { demand, refuse } from "./refusal";
import {
  DAY,
  isBytesOf,
  isCharacter,
  isDayOfMonth,
  isIssuer,
  isNegative,
  isTuple,
  isU32,
  MINUTE,
  type Seconds,
  type Who,
} from "./values";

export const COLOURS = ["green", "yellow", "red", "grey"] as const;
export type Colour = (typeof COLOURS)[number];

export const RELATIONS = ["parent", "child", "spouse", "relative", "friend", "institution"] as const;
export type Relation = (typeof RELATIONS)[number];

export interface Guardian {
  readonly relation: Relation;
  readonly character: string;
}

interface Term {
  readonly issuer: string;
  readonly issued: Seconds;
  readonly expires: Seconds;
}

export interface LiveClaims extends Term {
  readonly mode: "live";
  readonly id: Bytes;
  readonly device: PublicKey;
  readonly colour: Colour;
  readonly asOf: Seconds;
  readonly epoch: number;
  readonly commitment: Bytes;
}

export interface PaperClaims extends Term {
  readonly mode: "paper";
  readonly who: Who;
  readonly status: { readonly list: number; readonly index: number };
  readonly guardian: Guardian | undefined;
}

export type Claims = LiveClaims | PaperClaims;

const LIVE_SECONDS_MAX = DAY;
const PAPER_SECONDS_MAX = 180 * DAY;
const OURS = -65537;
const MODE_LIVE = 1;
const MODE_PAPER = 2;

/** Reads the payload of a credential. */
export function readClaims(payload: Item): Claims {
  demand(payload instanceof CborMap, "claim_invalid");
  const found: Found = {};
  for (const [key, value] of payload.entries) {
    if (key === OURS) readOurs(value, found);
    else READ.get(key)?.(value, found);
  }
  const { mode } = found;
  demand(mode !== undefined, "claim_missing");
  if (mode === MODE_LIVE) return liveOf(found);
  if (mode === MODE_PAPER) return paperOf(found);
  return refuse("claim_invalid");
}

/** The claims that stand there, each of its type and within its bounds. */
type Found = Writable<
  Omit<LiveClaims, "mode"> & Pick<PaperClaims, "who" | "status"> & { mode: number; guardian: Guardian }
>;

type Writable<T> = { -readonly [K in keyof T]?: T[K] };

type Read = (value: Item, found: Found) => void;

const READ: ReadonlyMap<Item, Read> = new Map<Item, Read>([
  [1, (value, found) => void (found.issuer = checked(value, isIssuer))],
  [4, (value, found) => void (found.expires = checked(value, isU32))],
  [6, (value, found) => void (found.issued = checked(value, isU32))],
  [7, (value, found) => void (found.id = checked(value, is16Bytes))],
  [8, (value, found) => void (found.device = deviceOf(value))],
]);

const READ_OURS: ReadonlyMap<Item, Read> = new Map<Item, Read>([
  [1, (value, found) => void (found.mode = checked(value, isU32))],
  [2, (value, found) => void (found.colour = wordOf(value, COLOURS, 0))],
  [3, (value, found) => void (found.asOf = checked(value, isU32))],
  [4, (value, found) => void (found.epoch = checked(value, isU32))],
  [5, (value, found) => void (found.commitment = checked(value, is16Bytes))],
  [6, (value, found) => void (found.who = whoOf(value))],
  [7, (value, found) => void (found.status = statusOf(value))],
  [8, (value, found) => void (found.guardian = guardianOf(value))],
]);

function readOurs(ours: Item, found: Found): void {
  demand(ours instanceof CborMap, "claim_invalid");
  for (const [key, value] of ours.entries) {
    demand(!isNegative(key), "critical_unknown");
    READ_OURS.get(key)?.(value, found);
  }
}

function liveOf(found: Found): LiveClaims {
  const { issuer, issued, expires, id, device, colour, asOf, epoch, commitment } = found;
  demand(issuer !== undefined && issued !== undefined && expires !== undefined, "claim_missing");
  demand(id !== undefined && device !== undefined && colour !== undefined, "claim_missing");
  demand(asOf !== undefined && epoch !== undefined && commitment !== undefined, "claim_missing");
  demand([issued, expires, asOf].every((time) => time % MINUTE === 0) && asOf <= issued, "claim_invalid");
  demand(issued < expires && expires - issued <= LIVE_SECONDS_MAX, "lifetime_invalid");
  return { mode: "live", issuer, issued, expires, id, device, colour, asOf, epoch, commitment };
}

function paperOf(found: Found): PaperClaims {
  const { issuer, issued, expires, who, status, guardian } = found;
  demand(issuer !== undefined && issued !== undefined && expires !== undefined, "claim_missing");
  demand(who !== undefined && status !== undefined, "claim_missing");
  demand(issued < expires && expires - issued <= PAPER_SECONDS_MAX, "lifetime_invalid");
  return { mode: "paper", issuer, issued, expires, who, status, guardian };
}

function checked<T extends Item>(value: Item, isValid: (value: Item) => value is T): T {
  demand(isValid(value), "claim_invalid");
  return value;
}

function is16Bytes(value: Item): value is Bytes {
  return isBytesOf(value, 16);
}

/** The word for a number; the first word stands for `first`. */
function wordOf<T>(value: Item | undefined, words: readonly T[], first: number): T {
  const word = typeof value === "number" ? words[value - first] : undefined;
  demand(word !== undefined, "claim_invalid");
  return word;
}

function deviceOf(value: Item): PublicKey {
  const key = value instanceof CborMap && value.size === 1 ? readKey(value.get(1)) : undefined;
  demand(key !== undefined, "claim_invalid");
  return key;
}

function whoOf(value: Item): Who {
  demand(isTuple(value, 2) && isCharacter(value[0]) && isDayOfMonth(value[1]), "claim_invalid");
  return { character: value[0], day: value[1] };
}

function statusOf(value: Item): { list: number; index: number } {
  demand(isTuple(value, 2) && isU32(value[0]) && isU32(value[1]), "claim_invalid");
  return { list: value[0], index: value[1] };
}

function guardianOf(value: Item): Guardian {
  demand(isTuple(value, 2) && isCharacter(value[1]), "claim_invalid");
  return { relation: wordOf(value[0], RELATIONS, 1), character: value[1] };
}
