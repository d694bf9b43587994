/** Live codes: what the device signs around a credential, and the text of the QR. */

import { type Bytes, concat, toBigInt } from "../../verify/bytes";
import { encodeBytes, encodeText } from "../../verify/cbor";
import type { Seconds, Who } from "../../verify/values";

/** How often the code on the screen is signed anew. */
export const REFRESH_SECONDS = 30;

/** What opens a credential's commitment to whose code it is. */
export interface Opening extends Who {
  readonly salt: Bytes;
}

/** The text of a live code at `time`; with an opening it also shows whose code it is. */
export async function present(
  credential: Bytes,
  time: Seconds,
  key: CryptoKey,
  opening: Opening | undefined,
): Promise<string> {
  return `YM1:${encodeBase45(await signPresentation(credential, time, key, opening))}`;
}

/** What a device signs around its credential, as a COSE_Sign1. */
export async function signPresentation(
  credential: Bytes,
  time: Seconds,
  key: CryptoKey,
  opening: Opening | undefined,
): Promise<Bytes> {
  const payload = presentation(credential, time, opening);
  const signed = concat(array(4), encodeText("Signature1"), encodeBytes(HEADER), encodeBytes(EMPTY), encodeBytes(payload));
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, signed);
  const parts = [encodeBytes(HEADER), EMPTY_MAP, encodeBytes(payload), encodeBytes(lowS(new Uint8Array(signature)))];
  return concat(SIGN1_TAG, array(4), ...parts);
}

/** `{1: -7}`: ES256. */
const HEADER = Uint8Array.of(0xa1, 0x01, 0x26);
const EMPTY = new Uint8Array();
const EMPTY_MAP = Uint8Array.of(0xa0);
const SIGN1_TAG = Uint8Array.of(0xd2);

function presentation(credential: Bytes, time: Seconds, opening: Opening | undefined): Bytes {
  const signed = concat(encodeBytes(credential), unsigned(time));
  if (!opening) return concat(array(2), signed);
  const { salt, character, day } = opening;
  return concat(array(3), signed, array(3), encodeBytes(salt), encodeText(character), unsigned(day));
}

function array(length: number): Bytes {
  return Uint8Array.of(0x80 | length);
}

/** A number below 2³² with its shortest head. */
function unsigned(value: number): Bytes {
  if (value < 24) return Uint8Array.of(value);
  if (value < 0x100) return Uint8Array.of(0x18, value);
  if (value < 0x10000) return Uint8Array.of(0x19, value >> 8, value & 0xff);
  return Uint8Array.of(0x1a, value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The signature with the smaller of its two possible s, which WebCrypto does not choose by itself. */
export function lowS(signature: Bytes): Bytes {
  const s = toBigInt(signature.subarray(32));
  if (s <= (ORDER - 1n) / 2n) return signature;
  const hex = (ORDER - s).toString(16).padStart(64, "0");
  const low = Array.from({ length: 32 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  return concat(signature.subarray(0, 32), Uint8Array.from(low));
}

const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Base45 (RFC 9285). */
export function encodeBase45(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const [first, second] = bytes.subarray(at, at + 2);
    const isPair = second !== undefined;
    let value = isPair ? (first as number) * 256 + second : (first as number);
    for (let digit = 0; digit < (isPair ? 3 : 2); digit++) {
      text += BASE45.charAt(value % 45);
      value = Math.floor(value / 45);
    }
  }
  return text;
}
