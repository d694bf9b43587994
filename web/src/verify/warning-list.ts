/** The list of warnings: at which venues something happened, and when. Everybody holds the same one. */

import { type Bytes, compare, toHex } from "./bytes";
import { CborMap, type Item } from "./cbor";
import { readSigned, typeOf } from "./cose";
import { demandNewest, type Mark, markOf } from "./list";
import { demand } from "./refusal";
import { demandIssuer, demandValidAt, type TrustList } from "./trust-list";
import { DAY, isNegative, isU32, type Seconds } from "./values";

/** A venue from `from` on and before `until`. */
export interface Warning {
  /** The id of the venue in hexadecimal digits. */
  readonly venue: string;
  readonly from: Seconds;
  readonly until: Seconds;
}

export interface WarningList {
  readonly issued: Seconds;
  readonly expires: Seconds;
  readonly warnings: readonly Warning[];
  readonly mark: Mark;
}

const TYPE = "application/yima-warning-list+cbor";
const WARNINGS_MAX = 40_000;
const WARNING_BYTES = 24;
const LENGTH_MAX = WARNINGS_MAX * WARNING_BYTES + 4096;
const OURS = -65537;

/**
 * Opens a list of warnings.
 *
 * @param held what is remembered of the newest list that was ever held
 * @throws Refused with the first reason that holds
 */
export async function openWarningList(
  bytes: Bytes,
  trust: TrustList,
  held: Mark | undefined,
  now: Seconds,
): Promise<WarningList> {
  demand(bytes.length <= LENGTH_MAX, "oversized");
  const object = readSigned(bytes);
  demand(typeOf(object) === TYPE, "type_wrong");
  const key = await demandIssuer(trust, object, "warning");
  const { issued, expires, number, warnings } = readContent(object.payload);
  demandValidAt(key, issued);
  demand(issued < expires && expires - issued <= DAY, "lifetime_invalid");
  const mark = await markOf(bytes, number);
  demandNewest(mark, held, expires, now);
  return { issued, expires, warnings, mark };
}

interface Content {
  readonly issued: Seconds;
  readonly expires: Seconds;
  readonly number: number;
  readonly warnings: readonly Warning[];
}

/** Reads the payload in the order of its keys. */
function readContent(payload: Item): Content {
  demand(payload instanceof CborMap, "content_invalid");
  const found: Partial<Content> = {};
  for (const [key, value] of payload.entries) {
    if (key === 4 || key === 6) {
      demand(isU32(value), "content_invalid");
      Object.assign(found, key === 4 ? { expires: value } : { issued: value });
    } else if (key === OURS) {
      Object.assign(found, readOurs(value));
    }
  }
  const { issued, expires, number, warnings } = found;
  demand(issued !== undefined && expires !== undefined, "content_invalid");
  demand(number !== undefined && warnings !== undefined, "content_invalid");
  return { issued, expires, number, warnings };
}

function readOurs(value: Item): Pick<Content, "number" | "warnings"> {
  demand(value instanceof CborMap, "content_invalid");
  const found: { number?: number; warnings?: Warning[] } = {};
  for (const [key, item] of value.entries) {
    demand(!isNegative(key), "critical_unknown");
    if (key === 1) {
      demand(isU32(item), "content_invalid");
      found.number = item;
    } else if (key === 2) {
      demand(item instanceof Uint8Array, "content_invalid");
      found.warnings = readWarnings(item);
    }
  }
  const { number, warnings } = found;
  demand(number !== undefined && warnings !== undefined, "content_invalid");
  return { number, warnings };
}

/** Reads whole entries, each above the one before it. */
function readWarnings(bytes: Bytes): Warning[] {
  const count = bytes.length / WARNING_BYTES;
  demand(Number.isInteger(count) && count <= WARNINGS_MAX, "entries_invalid");
  const entries = Array.from({ length: count }, (_, at) => bytes.subarray(at * WARNING_BYTES, (at + 1) * WARNING_BYTES));
  return entries.map((entry, at) => {
    const before = entries[at - 1];
    demand(before === undefined || compare(before, entry) < 0, "entries_invalid");
    const times = new DataView(entry.buffer, entry.byteOffset + 16, 8);
    const [from, until] = [times.getUint32(0), times.getUint32(4)];
    demand(from < until && until - from <= DAY, "entries_invalid");
    return { venue: toHex(entry.subarray(0, 16)), from, until };
  });
}

/** The warnings about a venue that somebody visited from `from` on and before `until`. */
export function warningsAbout(list: WarningList, visit: Warning): Warning[] {
  const { venue, from, until } = visit;
  return list.warnings.filter((warning) => warning.venue === venue && warning.from < until && from < warning.until);
}
