/** The live codes that this phone holds: fetched ahead, each with a key pair that never leaves the browser. */

import { fromBase64Url, toBase64Url, type Bytes } from "../../verify/bytes";
import type { Seconds } from "../../verify/values";
import { fetchCodes, type IssuedCode, type Verdict, type Whose } from "../api";
import { readAll, readOne, remove, write } from "./database";
import type { Opening } from "./present";

/** A credential with the key that it names. */
export interface HeldCode {
  readonly id: string;
  readonly person: string;
  readonly credential: Bytes;
  readonly expires: Seconds;
  readonly opening: Opening | undefined;
  readonly key: CryptoKey;
  /** When a page first showed it, so that the next page takes another one. */
  readonly used: Seconds | undefined;
}

/** A verdict with the codes that were made from it. */
export interface HeldVerdict {
  readonly verdict: Verdict;
  readonly fetched: Seconds;
  /** When the last of the codes ends. */
  readonly until: Seconds;
}

/**
 * How many codes are fetched at a time: one for this page, which ends after ten minutes, the others for pages that open
 * without a network.
 */
const BATCH = 4;

/** Fetches codes from the verdict of this moment; they take the place of the older ones. */
export async function refill(whose: Whose, now: Seconds): Promise<HeldVerdict> {
  const pairs = await Promise.all(Array.from({ length: BATCH }, makeKeyPair));
  const keys = await Promise.all(pairs.map(({ publicKey }) => coordinatesOf(publicKey)));
  const { codes, verdict } = await fetchCodes(whose, keys);
  const older = (await readAll<HeldCode>("codes")).filter((code) => code.person === verdict.person);
  let until: Seconds = 0;
  for (const [at, code] of codes.entries()) {
    const held = heldCode(verdict.person, code, (pairs[at] as CryptoKeyPair).privateKey);
    until = Math.max(until, held.expires);
    await write("codes", held.id, held);
  }
  for (const code of older) await remove("codes", code.id);
  const held: HeldVerdict = { verdict, fetched: now, until };
  await write("verdicts", verdict.person, held);
  return held;
}

/**
 * The code for a page that opens now: one that no page has shown yet, first the one that ends first, which says least of
 * the holder; else the one shown longest ago.
 */
export async function takeCode(person: string, now: Seconds): Promise<HeldCode | undefined> {
  const codes = await readAll<HeldCode>("codes");
  for (const code of codes.filter((code) => code.expires <= now)) await remove("codes", code.id);
  const alive = codes.filter((code) => code.person === person && now < code.expires);
  const [next] = alive.sort((a, b) => (a.used ?? 0) - (b.used ?? 0) || a.expires - b.expires);
  if (next) await write("codes", next.id, { ...next, used: now } satisfies HeldCode);
  return next;
}

export function heldVerdict(person: string): Promise<HeldVerdict | undefined> {
  return readOne("verdicts", person);
}

export function makeKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
}

export async function coordinatesOf(key: CryptoKey): Promise<{ x: string; y: string }> {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  return { x: toBase64Url(raw.subarray(1, 33)), y: toBase64Url(raw.subarray(33)) };
}

function heldCode(person: string, code: IssuedCode, key: CryptoKey): HeldCode {
  const { opening } = code;
  return {
    id: crypto.randomUUID(),
    person,
    credential: bytesOf(code.credential),
    expires: Date.parse(code.expires) / 1000,
    opening: opening ? { ...opening, salt: bytesOf(opening.salt) } : undefined,
    key,
    used: undefined,
  };
}

/** What the node sends is base64url; anything else is no bytes, and no checkpoint takes it. */
function bytesOf(text: string): Bytes {
  return fromBase64Url(text) ?? new Uint8Array();
}
