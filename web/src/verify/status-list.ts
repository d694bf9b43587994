/** The status list: which paper codes pass now. */

import { type Bytes, concat, equal } from "./bytes";
import { CborMap, type Item } from "./cbor";
import { readSigned, typeOf } from "./cose";
import { demandNewest, type Mark, markOf } from "./list";
import { demand } from "./refusal";
import { demandIssuer, demandValidAt, isInTerm, isRevoked, type TrustList } from "./trust-list";
import { DAY, isNegative, isU32, type Seconds } from "./values";

export interface StatusList {
  readonly number: number;
  readonly subject: string;
  /** The id of the key that signed it. */
  readonly keyId: Bytes;
  readonly issued: Seconds;
  readonly expires: Seconds;
  readonly entries: Bytes;
  readonly mark: Mark;
}

const TYPE = "application/statuslist+cwt";
const INFLATED_MAX = 2 * 1024 * 1024;
const LENGTH_MAX = INFLATED_MAX + 4 * 1024;
const ENTRIES_BYTES_MIN = 2 ** 17 / 8;
const SECONDS_MAX = DAY;
const STATUS_LIST = 65533;
const OURS = -65537;

/**
 * Opens a status list.
 *
 * @param held what is remembered of the newest edition that was ever held
 * @throws Refused with the first reason that holds
 */
export async function openStatusList(
  bytes: Bytes,
  trust: TrustList,
  held: Mark | undefined,
  now: Seconds,
): Promise<StatusList> {
  demand(bytes.length <= LENGTH_MAX, "oversized");
  const object = readSigned(bytes);
  demand(typeOf(object) === TYPE, "type_wrong");
  const key = await demandIssuer(trust, object, "status");
  const { subject, issued, expires, entries, number, version } = await readContent(object.payload);
  demandValidAt(key, issued);
  demand(trust.statusLists.get(number) === subject, "subject_wrong");
  demand(issued < expires && expires - issued <= SECONDS_MAX, "lifetime_invalid");
  const mark = await markOf(bytes, version);
  demandNewest(mark, held, expires, now);
  return { number, subject, keyId: key.id, issued, expires, entries, mark };
}

/** Whether a list counts under a trust list that may be newer than the one under which it was opened. */
export function countsUnder(list: StatusList, trust: TrustList): boolean {
  const key = trust.keys.find((key) => equal(key.id, list.keyId));
  const isGood = key?.use === "status" && isInTerm(key, list.issued) && !isRevoked(key, list.issued);
  return isGood && trust.statusLists.get(list.number) === list.subject;
}

/** Whether an entry is fallen; `undefined` past the end of the list. */
export function isFallen(list: StatusList, index: number): boolean | undefined {
  const byte = list.entries[Math.floor(index / 8)];
  return byte === undefined ? undefined : ((byte >> (index % 8)) & 1) === 1;
}

interface Content {
  readonly subject: string;
  readonly issued: Seconds;
  readonly expires: Seconds;
  readonly entries: Bytes;
  readonly number: number;
  readonly version: number;
}

/** Reads the payload in the order of its keys. */
async function readContent(payload: Item): Promise<Content> {
  demand(payload instanceof CborMap, "content_invalid");
  const found: Partial<Content> = {};
  for (const [key, value] of payload.entries) {
    if (key === 2) {
      demand(typeof value === "string", "content_invalid");
      Object.assign(found, { subject: value });
    } else if (key === 4 || key === 6) {
      demand(isU32(value), "content_invalid");
      Object.assign(found, key === 4 ? { expires: value } : { issued: value });
    } else if (key === STATUS_LIST) {
      Object.assign(found, { entries: await readEntries(value) });
    } else if (key === OURS) {
      Object.assign(found, readOurs(value));
    }
  }
  const { subject, issued, expires, entries, number, version } = found;
  demand(subject !== undefined && issued !== undefined && expires !== undefined, "content_invalid");
  demand(entries !== undefined && number !== undefined && version !== undefined, "content_invalid");
  return { subject, issued, expires, entries, number, version };
}

function readOurs(value: Item): Pick<Content, "number" | "version"> {
  demand(value instanceof CborMap, "content_invalid");
  for (const [key, item] of value.entries) {
    demand(!isNegative(key), "critical_unknown");
    demand((key !== 1 && key !== 2) || isU32(item), "content_invalid");
  }
  const [number, version] = [value.get(1), value.get(2)];
  demand(isU32(number) && isU32(version), "content_invalid");
  return { number, version };
}

async function readEntries(value: Item): Promise<Bytes> {
  demand(value instanceof CborMap && value.get("bits") === 1, "content_invalid");
  const compressed = value.get("lst");
  demand(compressed instanceof Uint8Array, "content_invalid");
  const entries = await inflateWhole(compressed);
  const length = entries?.length ?? 0;
  demand(entries !== undefined && length >= ENTRIES_BYTES_MIN && (length & (length - 1)) === 0, "entries_invalid");
  return entries;
}

/** Inflates one whole zlib stream with nothing after its end; `undefined` stands for what is none or grows too large. */
async function inflateWhole(stream: Bytes): Promise<Bytes | undefined> {
  const content = await inflate(stream);
  // Some platforms ignore what stands after the end: then the stream is whole without its last byte as well.
  const isLonger = content !== undefined && (await inflate(stream.subarray(0, -1))) !== undefined;
  return isLonger ? undefined : content;
}

async function inflate(compressed: Bytes): Promise<Bytes | undefined> {
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return concat(...parts);
      length += value.length;
      if (length > INFLATED_MAX) {
        await reader.cancel();
        return undefined;
      }
      parts.push(value);
    }
  } catch {
    return undefined;
  }
}
