/** What the phone shows is what every verifier of docs/CODE.md accepts, and nothing that it refuses. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { decodeBase45 } from "../../verify/base45";
import { type Bytes, concat, fromHex, sha256, toBigInt, toHex, utf8 } from "../../verify/bytes";
import { encodeBytes, encodeText } from "../../verify/cbor";
import { keyId, type PublicKey } from "../../verify/cose";
import type { Place } from "../../verify/place";
import { Seen } from "../../verify/seen";
import type { TrustList } from "../../verify/trust-list";
import { DAY } from "../../verify/values";
import { type Outcome, verify } from "../../verify/verify";
import { encodeBase45, lowS, type Opening, present } from "./present";
import { qrPicture } from "../../qr/picture";

const NOW = 1_900_000_060;
const PLACE: Place = { class: "traffic", level: "medium", listed: false, strict: true, attended: true };
const OPENING: Opening = { salt: new Uint8Array(16).fill(7), character: "明", day: 9 };

let issuer: CryptoKeyPair;
let device: CryptoKeyPair;
let trust: TrustList;
let credential: Bytes;

beforeAll(async () => {
  const scanner = readFileSync(createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm"));
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(scanner).buffer }, fireImmediately: true });
  [issuer, device] = [await keyPair(), await keyPair()];
  const key = await pointOf(issuer);
  const life = { validFrom: NOW - DAY, validUntil: NOW + DAY, revokedFrom: undefined };
  trust = {
    environment: "test",
    issuer: "CN",
    issued: NOW - 60,
    expires: NOW + DAY,
    keys: [{ id: await keyId(key), key, use: "live", ...life }],
    statusLists: new Map(),
    mark: { number: 1, sha256: "" },
  };
  credential = await issue();
});

describe("a live code", () => {
  test("is accepted, opened and closed", async () => {
    const outcome = await scan(await present(credential, NOW, device.privateKey, undefined));
    expect(outcome).toMatchObject({ kind: "verified", code: { standing: "green", who: undefined } });
    const opened = await scan(await present(credential, NOW, device.privateKey, OPENING));
    expect(opened).toMatchObject({ kind: "verified", code: { who: { character: "明", day: 9 } } });
  });

  test.each([
    [-31, "presentation_from_future"],
    [-30, undefined],
    [60, undefined],
    [61, "presentation_too_old"],
  ])("read %i seconds after it was signed: %s", async (seconds, reason) => {
    const text = await present(credential, NOW, device.privateKey, undefined);
    expect(await scan(text, NOW + seconds)).toMatchObject(reason ? { kind: "refused", reason } : { kind: "verified" });
  });

  test("of another phone's key is refused", async () => {
    const other = await keyPair();
    const text = await present(credential, NOW, other.privateKey, undefined);
    expect(await scan(text)).toMatchObject({ kind: "refused", reason: "presentation_key_mismatch" });
  });

  test.each([
    ["salt", { ...OPENING, salt: new Uint8Array(16) }],
    ["character", { ...OPENING, character: "红" }],
    ["day", { ...OPENING, day: 10 }],
  ])("that opens to another %s is refused", async (_, opening) => {
    const text = await present(credential, NOW, device.privateKey, opening);
    expect(await scan(text)).toMatchObject({ kind: "refused", reason: "who_mismatch" });
  });

  test("never has the larger s, however often it is signed", async () => {
    for (let second = 0; second < 40; second++) {
      const bytes = decodeBase45((await present(credential, NOW + second, device.privateKey, undefined)).slice(4));
      const s = toBigInt(bytes.subarray(-32));
      expect(s <= HALF_ORDER).toBe(true);
    }
  });

  test.each([undefined, OPENING])("fits into one picture of version 15 that a scanner reads: %j", async (opening) => {
    const text = await present(credential, NOW, device.privateKey, opening);
    const picture = qrPicture(text);
    expect(picture.size).toBeLessThanOrEqual(4 * 15 + 17 + 8);
    const [found] = await readBarcodes(pixelsOf(picture), { formats: ["QRCode"] });
    expect(found?.text).toBe(text);
    expect(found?.ecLevel).toBe("M");
  });
});

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = (ORDER - 1n) / 2n;

test.each([
  [1n, 1n],
  [HALF_ORDER, HALF_ORDER],
  [HALF_ORDER + 1n, HALF_ORDER],
  [ORDER - 1n, 1n],
])("of the two values of s the smaller one stands: %s", (s, low) => {
  const bytes = (value: bigint) => fromHex(value.toString(16).padStart(64, "0")) as Bytes;
  const signature = concat(bytes(5n), bytes(s));
  expect(toHex(lowS(signature))).toBe(toHex(concat(bytes(5n), bytes(low))));
});

test("base45 is what RFC 9285 says, and is read back", () => {
  expect(encodeBase45(utf8("AB"))).toBe("BB8");
  expect(encodeBase45(utf8("Hello!!"))).toBe("%69 VD92EX0");
  expect(encodeBase45(utf8("base-45"))).toBe("UJCLQE7W581");
  const vectors = JSON.parse(readFileSync(new URL("../../../../docs/vectors/code/codes.json", import.meta.url), "utf8"));
  for (const { text } of vectors as { text: unknown }[]) {
    if (typeof text !== "string" || !/^YM1:[0-9A-Z $%*+\-./:]{99,600}$/.test(text)) continue;
    let bytes: Bytes;
    try {
      bytes = decodeBase45(text.slice(4));
    } catch {
      continue;
    }
    expect(`YM1:${encodeBase45(bytes)}`).toBe(text);
  }
});

function scan(text: string, clock = NOW): Promise<Outcome> {
  return verify(text, { place: PLACE, trust, status: [], built: 0 }, new Seen(), clock);
}

function keyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
}

async function pointOf({ publicKey }: CryptoKeyPair): Promise<PublicKey> {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return { x: raw.slice(1, 33), y: raw.slice(33) };
}

/** A live credential as docs/CODE.md writes it down, by a hand that is not the issuer's. */
async function issue(): Promise<Bytes> {
  const { salt, day, character } = OPENING;
  const who = (await sha256(concat(utf8("YM1 who"), salt, Uint8Array.of(day), utf8(character)))).subarray(0, 16);
  const minute = NOW - (NOW % 60);
  const { x, y } = await pointOf(device);
  const number = (value: number) => concat(Uint8Array.of(0x1a), fromHex(value.toString(16).padStart(8, "0")) as Bytes);
  const key = (label: number) => Uint8Array.of(label < 0 ? 0x20 - label - 1 : label);
  const cose = concat(Uint8Array.of(0xa4), key(1), key(2), key(-1), key(1), key(-2), encodeBytes(x), key(-3), encodeBytes(y));
  const ours = concat(
    ...[Uint8Array.of(0xa5), key(1), key(1), key(2), key(0), key(3), number(minute), key(4), key(3), key(5), encodeBytes(who)],
  );
  const payload = concat(
    ...[Uint8Array.of(0xa6), key(1), encodeText("CN"), key(4), number(minute + 43_200), key(6), number(minute)],
    ...[key(7), encodeBytes(new Uint8Array(16).fill(1)), key(8), Uint8Array.of(0xa1), key(1), cose],
    ...[Uint8Array.of(0x3a, 0x00, 0x01, 0x00, 0x00), ours],
  );
  const header = concat(Uint8Array.of(0xa2), key(1), key(-7), key(4), encodeBytes(await keyId(await pointOf(issuer))));
  const signed = concat(
    ...[Uint8Array.of(0x84), encodeText("Signature1"), encodeBytes(header), encodeBytes(new Uint8Array()), encodeBytes(payload)],
  );
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, issuer.privateKey, signed);
  return concat(
    ...[Uint8Array.of(0xd8, 0x3d, 0xd2, 0x84), encodeBytes(header), Uint8Array.of(0xa0), encodeBytes(payload)],
    encodeBytes(lowS(new Uint8Array(signature))),
  );
}

/** Draws the path of a picture, eight pixels for each module. */
function pixelsOf({ size, path }: { size: number; path: string }): ImageData {
  const scale = 8;
  const width = size * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      const from = row * width + Number(x) * scale;
      for (let pixel = from; pixel < from + Number(run) * scale; pixel++) data.fill(0, pixel * 4, pixel * 4 + 3);
    }
  }
  return { data, width, height: width, colorSpace: "srgb" } as ImageData;
}
