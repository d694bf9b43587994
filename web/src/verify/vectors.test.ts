/** Runs every committed vector of docs/vectors/code, as every verifier of this project does. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeBase45 } from "./base45";
import { type Bytes, fromHex } from "./bytes";
import type { Mark } from "./list";
import { decide, type Place } from "./place";
import { Refused } from "./refusal";
import { Seen } from "./seen";
import { openStatusList, type StatusList } from "./status-list";
import { openTrustList, type Roots, type TrustList } from "./trust-list";
import { type VenueOutcome, verifyVenue } from "./venue";
import { type Outcome, verify } from "./verify";
import { openWarningList, type WarningList } from "./warning-list";

interface Repeated {
  prefix: string;
  repeat: string;
  times: number;
}

interface World {
  roots: Record<string, { environment: Roots["environment"]; keys: { x: string; y: string }[] }>;
  trust: Record<string, string>;
  status: Record<string, string>;
  warnings: Record<string, string>;
}

interface VenueVector {
  name: string;
  link: string;
  trust: string;
  warnings: string | null;
  now: number;
  built: number;
  refused?: string;
  verified?: { venue: string; area: string; at: number };
}

interface CodeVector {
  name: string;
  text: string | Repeated;
  place: Place;
  now: number;
  built: number;
  trust: string;
  status: string[];
  before: string[];
  refused?: string;
  verified?: Record<string, unknown>;
  decision: string;
}

interface ListVector {
  name: string;
  kind: "trust" | "status" | "warning";
  list: string | Repeated;
  now: number;
  roots?: string;
  trust?: string;
  held: Mark | null;
  refused?: string;
  number?: number;
}

const world = load<World>("world");
const WORLD_NOW = 1607904000;

describe("codes", () => {
  const vectors = load<CodeVector[]>("codes");
  test.each(vectors.map((vector, index) => [`${index}: ${vector.name}`, vector] as const))("%s", async (_, vector) => {
    const checkpoint = {
      place: vector.place,
      trust: await heldTrust(vector.trust),
      status: await Promise.all(vector.status.map(heldStatus)),
      built: vector.built,
    };
    const seen = new Seen();
    for (const text of vector.before) {
      expect((await verify(text, checkpoint, seen, vector.now)).kind).toBe("verified");
    }
    const outcome = await verify(written(vector.text), checkpoint, seen, vector.now);
    expect(said(outcome)).toEqual(vector.refused === undefined ? vector.verified : vector.refused);
    expect(decide(vector.place, outcome)).toBe(vector.decision);
  });
});

test("every hostile text is refused for its reason", async () => {
  const vectors = load<{ name: string; text: string | Repeated; refused: string }[]>("hostile");
  const place = load<CodeVector[]>("codes")[0]?.place as Place;
  const trust = await heldTrust("default");
  const checkpoint = { place, trust, status: [await heldStatus("default")], built: 0 };
  const wrong: string[] = [];
  for (const { name, text, refused } of vectors) {
    const found = said(await verify(written(text), checkpoint, new Seen(), WORLD_NOW + 30));
    if (found !== refused) wrong.push(`${name}: ${JSON.stringify(found)} instead of ${refused}`);
  }
  expect(wrong).toEqual([]);
}, 60_000);

describe("venues", () => {
  const vectors = load<VenueVector[]>("venues");
  test.each(vectors.map((vector, index) => [`${index}: ${vector.name}`, vector] as const))("%s", async (_, vector) => {
    const trust = await heldTrust(vector.trust);
    const held = vector.warnings && hex(world.warnings[vector.warnings] ?? "");
    const warnings = held ? await openWarningList(held, trust, undefined, WORLD_NOW) : undefined;
    const outcome = await verifyVenue(vector.link, { trust, warnings, built: vector.built }, vector.now);
    expect(seen(outcome)).toEqual(vector.refused === undefined ? vector.verified : vector.refused);
  });
});

describe("lists", () => {
  const vectors = load<ListVector[]>("lists");
  test.each(vectors.map((vector, index) => [`${index}: ${vector.name}`, vector] as const))("%s", async (_, vector) => {
    const answer = opened(vector).then(
      (list) => list.mark.number,
      (error: unknown) => (error instanceof Refused ? error.reason : Promise.reject(error)),
    );
    expect(await answer).toBe(vector.refused ?? vector.number);
  });
});

test("no byte with a changed bit leaves a code verified", async () => {
  const vector = load<CodeVector[]>("codes").find(({ name }) => name === "opened") as CodeVector;
  const checkpoint = { place: vector.place, trust: await heldTrust("default"), status: [], built: 0 };
  const text = vector.text as string;
  const bytes = decodeBase45(text.slice(4));
  expect(`YM1:${encodeBase45(bytes)}`).toBe(text);
  for (const index of bytes.keys()) {
    const changed = bytes.map((byte, at) => (at === index ? byte ^ (1 << (index % 8)) : byte));
    const outcome = await verify(`YM1:${encodeBase45(changed)}`, checkpoint, new Seen(), vector.now);
    expect(outcome.kind, `byte ${index}`).toBe("refused");
  }
});

function encodeBase45(bytes: Uint8Array): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const digits = (value: number, count: number) =>
    Array.from({ length: count }, (_, at) => alphabet[Math.floor(value / 45 ** at) % 45]).join("");
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const [high, low] = [bytes[at] as number, bytes[at + 1]];
    text += low === undefined ? digits(high, 2) : digits(high * 256 + low, 3);
  }
  return text;
}

function opened(vector: ListVector): Promise<TrustList | StatusList | WarningList> {
  const bytes = hex(written(vector.list));
  const held = vector.held ?? undefined;
  if (vector.kind === "trust") return openTrustList(bytes, roots(vector.roots ?? ""), held, vector.now);
  const open = vector.kind === "warning" ? openWarningList : openStatusList;
  return heldTrust(vector.trust ?? "").then<StatusList | WarningList>((trust) => open(bytes, trust, held, vector.now));
}

function heldTrust(name: string): Promise<TrustList> {
  return openTrustList(hex(world.trust[name] ?? ""), roots("test"), undefined, WORLD_NOW);
}

async function heldStatus(name: string): Promise<StatusList> {
  return openStatusList(hex(world.status[name] ?? ""), await heldTrust("default"), undefined, WORLD_NOW);
}

function roots(name: string): Roots {
  const { environment, keys } = world.roots[name] as World["roots"][string];
  return { environment, keys: keys.map(({ x, y }) => ({ x: hex(x), y: hex(y) })) };
}

function said(outcome: Outcome): unknown {
  if (outcome.kind === "refused") return outcome.reason;
  const { standing, asOf, olderHours, expires, epoch, who, guardian } = outcome.code;
  return {
    standing,
    as_of: asOf,
    older_hours: olderHours ?? null,
    expires,
    epoch: epoch ?? null,
    who: who ?? null,
    guardian: guardian ?? null,
  };
}

function seen(outcome: VenueOutcome): unknown {
  if (outcome.kind === "refused") return outcome.reason;
  const { venue, area, at } = outcome.seen;
  return { venue, area, at };
}

function written(text: string | Repeated): string {
  return typeof text === "string" ? text : text.prefix + text.repeat.repeat(text.times);
}

function hex(text: string): Bytes {
  return fromHex(text) ?? Uint8Array.of();
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../docs/vectors/code/${name}.json`, import.meta.url), "utf8")) as T;
}
