/** Base45 (RFC 9285). */

import type { Bytes } from "./bytes";
import { demand } from "./refusal";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Decodes a text; refuses foreign characters, a lone last character and groups that stand for too much. */
export function decodeBase45(text: string): Bytes {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = Array.from(text.slice(at, at + 3), (character) => ALPHABET.indexOf(character));
    demand(digits.length > 1 && digits.every((digit) => digit >= 0), "base45_invalid");
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
    const length = digits.length - 1;
    demand(value < 256 ** length, "base45_invalid");
    if (length === 2) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}
