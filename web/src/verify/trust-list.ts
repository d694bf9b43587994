/** The trust list: whose codes count. */

import { type Bytes, equal, fromHex, toHex } from "./bytes";
import { CborMap, type Item } from "./cbor";
import { isPoint, isSignedBy, keyId, namesKey, type PublicKey, readKey, readSigned, type SignedObject, typeOf } from "./cose";
import { demandNewest, type Mark, markOf } from "./list";
import { demand } from "./refusal";
import { DAY, hasNegativeKey, isBytesOf, isIssuer, isTuple, isU32, type Seconds } from "./values";

export const ENVIRONMENTS = ["production", "test"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The keys that may sign trust lists here, and the environment that they stand for. */
export interface Roots {
  readonly environment: Environment;
  readonly keys: readonly PublicKey[];
}

export const KEY_USES = ["live", "paper", "status", "venue", "warning"] as const;
export type KeyUse = (typeof KEY_USES)[number];

export interface IssuerKey {
  readonly id: Bytes;
  readonly key: PublicKey;
  readonly use: KeyUse;
  readonly validFrom: Seconds;
  readonly validUntil: Seconds;
  readonly revokedFrom: Seconds | undefined;
}

export interface TrustList {
  readonly environment: Environment;
  readonly issuer: string;
  readonly issued: Seconds;
  readonly expires: Seconds;
  readonly keys: readonly IssuerKey[];
  /** The URI of each status list by its number. */
  readonly statusLists: ReadonlyMap<number, string>;
  readonly mark: Mark;
}

const TYPE = "application/yima-trust-list+cbor";
const LENGTH_MAX = 64 * 1024;
const SECONDS_MAX = 30 * DAY;
const KEYS_MAX = 128;
const EPOCHS_MAX = 64;
const STATUS_LISTS_MAX = 256;

/**
 * Opens a trust list.
 *
 * @param held what is remembered of the newest list that was ever held
 * @throws Refused with the first reason that holds
 */
export async function openTrustList(
  bytes: Bytes,
  roots: Roots,
  held: Mark | undefined,
  now: Seconds,
): Promise<TrustList> {
  demand(bytes.length <= LENGTH_MAX, "oversized");
  const object = readSigned(bytes);
  demand(typeOf(object) === TYPE, "type_wrong");
  await demandRoot(object, roots);
  const content = await readContent(object.payload);
  const { environment, keys, issued, expires, number } = content;
  demand(environment === roots.environment, "environment_wrong");
  demand(keys.length > 0, "no_keys");
  demand(issued < expires && expires - issued <= SECONDS_MAX, "lifetime_invalid");
  const mark = await markOf(bytes, number);
  demandNewest(mark, held, expires, now);
  return { ...content, mark };
}

async function demandRoot(object: SignedObject, roots: Roots): Promise<void> {
  for (const root of roots.keys) {
    if (!namesKey(object, await keyId(root))) continue;
    demand(await isSignedBy(object, root), "signature_invalid");
    return;
  }
  demand(false, "key_unknown");
}

async function readContent(payload: Item): Promise<Omit<TrustList, "mark"> & { number: number }> {
  demand(payload instanceof CborMap, "content_invalid");
  demand(!hasNegativeKey(payload), "critical_unknown");
  const [environment, issuer, number, issued, expires] = [1, 2, 3, 4, 5].map((key) => payload.get(key));
  demand(environment === 1 || environment === 2, "content_invalid");
  demand(isIssuer(issuer) && isU32(number) && isU32(issued) && isU32(expires), "content_invalid");
  const keys = await readKeys(payload.get(6));
  demandEpochs(payload.get(7));
  return {
    environment: environment === 1 ? "production" : "test",
    issuer,
    number,
    issued,
    expires,
    keys,
    statusLists: readStatusLists(payload.get(8)),
  };
}

async function readKeys(items: Item | undefined): Promise<IssuerKey[]> {
  demand(Array.isArray(items) && items.length <= KEYS_MAX, "content_invalid");
  const keys: IssuerKey[] = [];
  for (const item of items) {
    const key = await readIssuerKey(item);
    if (!key) continue;
    demand(!keys.some((other) => equal(other.id, key.id)), "content_invalid");
    keys.push(key);
  }
  return keys;
}

/** Reads a key; `undefined` stands for an algorithm or a use that is not known here. */
async function readIssuerKey(item: Item): Promise<IssuerKey | undefined> {
  demand(item instanceof CborMap, "content_invalid");
  const [algorithm, use, coseKey, validFrom, validUntil, revokedFrom] = [1, 2, 3, 4, 5, 6].map((key) => item.get(key));
  demand(typeof algorithm === "number" && typeof use === "number", "content_invalid");
  const known = KEY_USES[use - 1];
  if (algorithm !== -7 || !known) return undefined;
  const key = readKey(coseKey);
  demand(key !== undefined && isPoint(key), "content_invalid");
  demand(isU32(validFrom) && isU32(validUntil), "content_invalid");
  demand(revokedFrom === undefined || isU32(revokedFrom), "content_invalid");
  return { id: await keyId(key), key, use: known, validFrom, validUntil, revokedFrom };
}

function demandEpochs(items: Item | undefined): void {
  demand(Array.isArray(items) && items.length <= EPOCHS_MAX, "content_invalid");
  const numbers = new Set<number>();
  for (const item of items) {
    const isEpoch = isTuple(item, 3) && isU32(item[0]) && isU32(item[1]) && isBytesOf(item[2], 32);
    demand(isEpoch, "content_invalid");
    demand(!numbers.has(item[0] as number), "content_invalid");
    numbers.add(item[0] as number);
  }
}

function readStatusLists(items: Item | undefined): Map<number, string> {
  demand(Array.isArray(items) && items.length <= STATUS_LISTS_MAX, "content_invalid");
  const lists = new Map<number, string>();
  for (const item of items) {
    demand(isTuple(item, 2) && isU32(item[0]) && typeof item[1] === "string", "content_invalid");
    demand(!lists.has(item[0]), "content_invalid");
    lists.set(item[0], item[1]);
  }
  return lists;
}

/** The key that an object names and that signed it, valid when it was issued. */
export async function demandIssuer(trust: TrustList, object: SignedObject, use: KeyUse): Promise<IssuerKey> {
  const key = trust.keys.find((candidate) => namesKey(object, candidate.id));
  demand(key !== undefined, "key_unknown");
  demand(key.use === use, "key_use_wrong");
  demand(await isSignedBy(object, key.key), "signature_invalid");
  return key;
}

export function demandValidAt(key: IssuerKey, issued: Seconds): void {
  demand(isInTerm(key, issued), "key_not_valid_at_issue");
  demand(!isRevoked(key, issued), "key_revoked");
}

export function isInTerm(key: IssuerKey, issued: Seconds): boolean {
  return key.validFrom <= issued && issued < key.validUntil;
}

/** Whether what the key signed at that time does not count any more. */
export function isRevoked(key: IssuerKey, issued: Seconds): boolean {
  return key.revokedFrom !== undefined && issued >= key.revokedFrom;
}

/**
 * Reads the text form of pinned roots: on each line the environment and the public key, `#` begins a comment.
 *
 * `undefined` stands for a text that is none, names no key, or names two environments.
 */
export function parseRoots(text: string): Roots | undefined {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const keys: PublicKey[] = [];
  const environments = new Set<Environment>();
  for (const line of lines.filter((line) => line !== "")) {
    const [word, point, ...rest] = line.split(/\s+/);
    const environment = ENVIRONMENTS.find((environment) => environment === word);
    const bytes = fromHex(point ?? "");
    if (!environment || bytes?.length !== 64 || rest.length > 0) return undefined;
    const key = { x: bytes.slice(0, 32), y: bytes.slice(32) };
    if (!isPoint(key)) return undefined;
    environments.add(environment);
    keys.push(key);
  }
  const [environment, another] = environments;
  return environment && !another ? { environment, keys } : undefined;
}

/** The text form of pinned roots. */
export function rootsText(roots: Roots): string {
  return roots.keys.map((key) => `${roots.environment} ${toHex(key.x)}${toHex(key.y)}\n`).join("");
}
