/** The types that claims and lists are made of. */

import type { Bytes } from "./bytes";
import { CborMap, type Item } from "./cbor";

/** Whole seconds since 1970. */
export type Seconds = number;

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function isU32(item: Item | undefined): item is number {
  return typeof item === "number" && item >= 0 && item <= 0xffffffff;
}

export function isBytesOf(item: Item | undefined, length: number): item is Bytes {
  return item instanceof Uint8Array && item.length === length;
}

/** Two capital letters, such as `CN`. */
export function isIssuer(item: Item | undefined): item is string {
  return typeof item === "string" && /^[A-Z]{2}$/.test(item);
}

/** An array of exactly so many items. */
export function isTuple(item: Item | undefined, length: number): item is Item[] {
  return Array.isArray(item) && item.length === length;
}

/** Whether a map of ours holds a negative key, which whoever does not know it must refuse. */
export function isNegative(key: Item): boolean {
  return (typeof key === "number" || typeof key === "bigint") && key < 0;
}

export function hasNegativeKey(map: CborMap): boolean {
  return map.entries.some(([key]) => isNegative(key));
}

/** What a card is compared with: the last character of the name and the day of the month of birth. */
export interface Who {
  readonly character: string;
  readonly day: number;
}

/** One character with the property Alphabetic. */
export function isCharacter(item: Item | undefined): item is string {
  return typeof item === "string" && /^\p{Alphabetic}$/u.test(item);
}

export function isDayOfMonth(item: Item | undefined): item is number {
  return typeof item === "number" && item >= 1 && item <= 31;
}
