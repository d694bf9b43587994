/** The one part of CBOR (RFC 8949) that codes and lists are written in, checked and read in one walk. */

import { type Bytes, compare, concat, equal } from "./bytes";
import { demand, refuse } from "./refusal";

/** An item. Integers are `number` where that is exact, else `bigint`. */
export type Item = number | bigint | boolean | null | string | Bytes | Item[] | CborMap | Tagged;

export class Tagged {
  constructor(
    readonly tag: number | bigint,
    readonly content: Item,
  ) {}
}

/** A map; its entries stand in the order of their encoded keys. */
export class CborMap {
  constructor(readonly entries: readonly (readonly [Item, Item])[]) {}

  /** The value under a number or a text. */
  get(key: number | string): Item | undefined {
    return this.entries.find(([candidate]) => candidate === key)?.[1];
  }

  get size(): number {
    return this.entries.length;
  }
}

const LEVELS_MAX = 16;
const ITEMS_MAX = 4096;

/** Reads exactly one item; the first fault from left to right refuses the whole. */
export function decodeCbor(bytes: Uint8Array): Item {
  const reader = new Reader(Uint8Array.from(bytes));
  const item = reader.item(1);
  demand(reader.at === bytes.length, "trailing_bytes");
  return item;
}

/** The bytes of a byte string with its head, as they stand in a `Sig_structure`. */
export function encodeBytes(content: Uint8Array): Bytes {
  return concat(head(2, content.length), content);
}

/** The bytes of a text with its head. */
export function encodeText(text: string): Bytes {
  const content = new TextEncoder().encode(text);
  return concat(head(3, content.length), content);
}

function head(major: number, value: number): Bytes {
  if (value < 24) return Uint8Array.of((major << 5) | value);
  if (value < 0x100) return Uint8Array.of((major << 5) | 24, value);
  if (value < 0x10000) return Uint8Array.of((major << 5) | 25, value >> 8, value & 0xff);
  return Uint8Array.of((major << 5) | 26, value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

const INDEFINITE = 31;

class Reader {
  at = 0;
  private items = 0;

  constructor(private readonly bytes: Bytes) {}

  item(level: number): Item {
    demand(level <= LEVELS_MAX, "too_deep");
    this.items += 1;
    demand(this.items <= ITEMS_MAX, "too_many_items");
    const { major, value } = this.head();
    switch (major) {
      case 0:
        return value;
      case 1:
        return typeof value === "number" && value < Number.MAX_SAFE_INTEGER ? -1 - value : -1n - BigInt(value);
      case 2:
        return this.take(value);
      case 3:
        return this.text(value);
      case 4:
        return this.array(value, level + 1);
      case 5:
        return this.map(value, level + 1);
      case 6:
        return new Tagged(value, this.item(level + 1));
      default:
        return SIMPLE.get(Number(value)) as Item;
    }
  }

  private head(): { major: number; value: number | bigint } {
    const initial = this.take(1)[0] as number;
    const major = initial >> 5;
    const info = initial & 31;
    const length = info >= 24 && info <= 27 ? 2 ** (info - 24) : 0;
    const hasLength = major >= 2 && major <= 5;
    const isKnown = major === 7 ? SIMPLE.has(info) : info <= 27 || (info === INDEFINITE && hasLength);
    demand(isKnown, "unsupported_item");
    demand(info !== INDEFINITE, "indefinite_length");
    const argument = this.take(length);
    if (length === 0) return { major, value: info };
    const value = argument.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const isShortest = value >= (length === 1 ? 24n : 1n << BigInt(4 * length));
    demand(isShortest, "not_canonical");
    return { major, value: value <= Number.MAX_SAFE_INTEGER ? Number(value) : value };
  }

  private take(length: number | bigint): Bytes {
    demand(length <= this.bytes.length - this.at, "truncated");
    const start = this.at;
    this.at += Number(length);
    return this.bytes.slice(start, this.at);
  }

  private text(length: number | bigint): string {
    const content = this.take(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    } catch {
      return refuse("unsupported_item");
    }
  }

  private array(length: number | bigint, level: number): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < length; i++) items.push(this.item(level));
    return items;
  }

  private map(length: number | bigint, level: number): CborMap {
    const entries: [Item, Item][] = [];
    const keys: Bytes[] = [];
    for (let i = 0; i < length; i++) {
      const start = this.at;
      const key = this.item(level);
      const encoded = this.bytes.slice(start, this.at);
      const last = keys.at(-1);
      if (last && compare(encoded, last) <= 0) {
        refuse(keys.some((earlier) => equal(earlier, encoded)) ? "duplicate_key" : "not_canonical");
      }
      keys.push(encoded);
      entries.push([key, this.item(level)]);
    }
    return new CborMap(entries);
  }
}

/** The simple values that may stand. */
const SIMPLE: ReadonlyMap<number, Item> = new Map<number, Item>([
  [20, false],
  [21, true],
  [22, null],
]);
