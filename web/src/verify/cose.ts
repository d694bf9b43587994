/** Signed objects: the form of a COSE_Sign1 (RFC 9052), keys, and ES256 by WebCrypto. */

import { type Bytes, concat, equal, sha256, toBigInt } from "./bytes";
import { CborMap, decodeCbor, encodeBytes, encodeText, type Item, Tagged } from "./cbor";
import { demand } from "./refusal";

const TAG_SIGN1 = 18;
const TAG_CWT = 61;
const ALG_ES256 = -7;
const HEADER_ALG = 1;
const HEADER_CRIT = 2;
const HEADER_KID = 4;
const HEADER_TYP = 16;

/** What is signed, with its signature not yet looked at. */
export interface SignedObject {
  readonly payload: Item;
  readonly header: CborMap;
  readonly parts: { readonly header: Bytes; readonly payload: Bytes; readonly signature: Bytes };
}

/** Reads a list or a device's layer: tag 18 alone. */
export function readSigned(bytes: Uint8Array): SignedObject {
  return formOf(decodeCbor(bytes));
}

/** Reads a credential: tags 61 and 18. */
export function readCredential(bytes: Uint8Array): SignedObject {
  return credentialOf(decodeCbor(bytes));
}

export function isCredential(item: Item): item is Tagged {
  return item instanceof Tagged && item.tag === TAG_CWT;
}

export function credentialOf(item: Item): SignedObject {
  demand(isCredential(item), "wrong_tag");
  return formOf(item.content);
}

/** Takes a decoded object apart, in the order of docs/CODE.md, "Form of an object". */
export function formOf(item: Item): SignedObject {
  demand(item instanceof Tagged && item.tag === TAG_SIGN1, "wrong_tag");
  const content = item.content;
  demand(Array.isArray(content) && content.length === 4, "not_signed");
  const [protectedBytes, unprotected, payloadBytes, signature] = content;
  demand(protectedBytes instanceof Uint8Array && unprotected instanceof CborMap, "not_signed");
  demand(payloadBytes instanceof Uint8Array, "not_signed");
  demand(signature instanceof Uint8Array && signature.length === 64, "not_signed");
  const payload = decodeCbor(payloadBytes);
  const header = protectedBytes.length === 0 ? new CborMap([]) : decodeCbor(protectedBytes);
  demand(header instanceof CborMap, "not_signed");
  demand(unprotected.get(HEADER_ALG) === undefined, "algorithm_unprotected");
  const algorithm = header.get(HEADER_ALG);
  demand(algorithm !== undefined, "algorithm_missing");
  demand(algorithm === ALG_ES256, "algorithm_wrong");
  demand(unprotected.size === 0, "header_unprotected");
  demand(header.get(HEADER_CRIT) === undefined, "critical_unknown");
  demand(toBigInt(signature.subarray(32)) <= (ORDER - 1n) / 2n, "signature_malleable");
  return { payload, header, parts: { header: protectedBytes, payload: payloadBytes, signature } };
}

export function typeOf(object: SignedObject): Item | undefined {
  return object.header.get(HEADER_TYP);
}

/** Whether the object names this key. */
export function namesKey(object: SignedObject, id: Uint8Array): boolean {
  const kid = object.header.get(HEADER_KID);
  return kid instanceof Uint8Array && equal(kid, id);
}

/** A point of P-256. */
export interface PublicKey {
  readonly x: Bytes;
  readonly y: Bytes;
}

/** Reads the only COSE_Key that is allowed: `{1: 2, -1: 1, -2: x, -3: y}`. */
export function readKey(item: Item | undefined): PublicKey | undefined {
  if (!(item instanceof CborMap) || item.size !== 4 || item.get(1) !== 2 || item.get(-1) !== 1) return undefined;
  const [x, y] = [item.get(-2), item.get(-3)];
  const isCoordinate = (value: Item | undefined): value is Bytes => value instanceof Uint8Array && value.length === 32;
  return isCoordinate(x) && isCoordinate(y) ? { x, y } : undefined;
}

/** The id of a key: the first half of its RFC 9679 thumbprint. */
export async function keyId(key: PublicKey): Promise<Bytes> {
  const encoded = concat(
    Uint8Array.of(0xa4, 0x01, 0x02, 0x20, 0x01, 0x21),
    encodeBytes(key.x),
    Uint8Array.of(0x22),
    encodeBytes(key.y),
  );
  return (await sha256(encoded)).slice(0, 16);
}

const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const CURVE_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Whether the key is a point of the curve. */
export function isPoint(key: PublicKey): boolean {
  const [x, y] = [toBigInt(key.x), toBigInt(key.y)];
  return x < PRIME && y < PRIME && (y * y - x * x * x + 3n * x - CURVE_B) % PRIME === 0n;
}

/** Whether the key, which must be a point, made the signature. */
export async function isSignedBy(object: SignedObject, key: PublicKey): Promise<boolean> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const raw = concat(Uint8Array.of(4), key.x, key.y);
  const imported = await crypto.subtle.importKey("raw", raw, algorithm, false, ["verify"]);
  const { header, payload, signature } = object.parts;
  const signed = concat(
    Uint8Array.of(0x84),
    encodeText("Signature1"),
    encodeBytes(header),
    encodeBytes(new Uint8Array()),
    encodeBytes(payload),
  );
  return crypto.subtle.verify(algorithm, imported, signature, signed);
}
