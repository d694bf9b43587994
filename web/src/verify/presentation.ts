/** What a device signs around a live credential. */

import { type Bytes, concat, equal, sha256, utf8 } from "./bytes";
import type { Item } from "./cbor";
import { demand } from "./refusal";
import { isBytesOf, isCharacter, isDayOfMonth, isTuple, isU32, type Seconds, type Who } from "./values";

export interface Presentation {
  readonly credential: Bytes;
  readonly time: Seconds;
  /** Whose code it is, if the holder tapped for it. */
  readonly opening: (Who & { readonly salt: Bytes }) | undefined;
}

export function readPresentation(payload: Item): Presentation {
  demand(isTuple(payload, 2) || isTuple(payload, 3), "presentation_invalid");
  const [credential, time, opening] = payload;
  demand(credential instanceof Uint8Array && isU32(time), "presentation_invalid");
  if (opening === undefined) return { credential, time, opening };
  demand(isTuple(opening, 3), "presentation_invalid");
  const [salt, character, day] = opening;
  demand(isBytesOf(salt, 16) && isCharacter(character) && isDayOfMonth(day), "presentation_invalid");
  return { credential, time, opening: { salt, character, day } };
}

/** Whether the issuer committed to just this holder. */
export async function opens(opening: Who & { readonly salt: Bytes }, commitment: Bytes): Promise<boolean> {
  const { salt, character, day } = opening;
  const digest = await sha256(concat(utf8("YM1 who"), salt, Uint8Array.of(day), utf8(character)));
  return equal(digest.subarray(0, 16), commitment);
}
