/** A held list is replaced by a better one only, whatever the network says. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Bytes, fromHex, toHex } from "../verify/bytes";
import { countsUnder } from "../verify/status-list";
import type { Roots, TrustList } from "../verify/trust-list";
import { type Fetch, Lists, type Shelf } from "./lists";
import { pinnedRoots } from "./roots";

interface World {
  roots: Record<string, { environment: Roots["environment"]; keys: { x: string; y: string }[] }>;
  trust: Record<string, string>;
  status: Record<string, string>;
}

const path = new URL("../../../docs/vectors/code/world.json", import.meta.url);
const world = JSON.parse(readFileSync(path, "utf8")) as World;
const NOW = 1607904060;
const DAY = 24 * 3600;

/** A shelf in memory, in the place of the browser's. */
function emptyShelf(): Shelf {
  const kept = new Map<string, Bytes>();
  return {
    read: (name) => Promise.resolve(kept.get(name)),
    write: (name, bytes) => Promise.resolve(void kept.set(name, bytes)),
  };
}

function hex(text: string | undefined): Bytes {
  return fromHex(text ?? "") ?? Uint8Array.of();
}

function roots(name: string): Roots {
  const { environment, keys } = world.roots[name] as World["roots"][string];
  return { environment, keys: keys.map(({ x, y }) => ({ x: hex(x), y: hex(y) })) };
}

/** A node that serves these lists; without one it does not answer. */
function node(trust: Bytes | undefined, status: Bytes | undefined): Fetch {
  return (path) => {
    const list = path === "/v1/trust-list" ? trust : path === "/v1/status-lists/1" ? status : undefined;
    return list ? Promise.resolve(list) : Promise.reject(new Error("away"));
  };
}

const TRUST = hex(world.trust.default);
const STATUS = hex(world.status.default);
const NOTHING = { trust: undefined, status: [] };

test("what was taken once is there at the next visit, without a network", async () => {
  const shelf = emptyShelf();
  const lists = await Lists.of(roots("test"), shelf, 0);
  const renewal = await lists.renew(await lists.stored(), node(TRUST, STATUS), NOW);
  expect(renewal).toMatchObject({ refused: undefined, isUnreachable: false });
  const later = await Lists.of(roots("test"), shelf, 0);
  const held = await later.stored();
  expect(held.trust?.mark.number).toBe(12);
  expect(held.status.map((list) => list.mark.number)).toEqual([3]);
  const away = await later.renew(held, node(undefined, undefined), NOW);
  expect(away).toEqual({ held, refused: undefined, isUnreachable: true });
});

test.each([
  ["empty", Uint8Array.of(), "truncated"],
  ["changed", TRUST.map((byte, at) => (at === TRUST.length - 1 ? byte ^ 1 : byte)), "signature_invalid"],
  ["another list of the same number", hex(world.trust["for one day"]), "number_reused"],
  ["a status list", STATUS, "type_wrong"],
])("a trust list that is %s leaves the held one", async (_, bytes, reason) => {
  const lists = await Lists.of(roots("test"), emptyShelf(), 0);
  const { held } = await lists.renew(NOTHING, node(TRUST, STATUS), NOW);
  const renewal = await lists.renew(held, node(bytes, STATUS), NOW);
  expect(renewal.refused).toBe(reason);
  expect(renewal.held).toEqual(held);
  expect(await lists.stored()).toEqual(held);
});

test("a status list that is refused leaves the held one", async () => {
  const lists = await Lists.of(roots("test"), emptyShelf(), 0);
  const { held } = await lists.renew(NOTHING, node(TRUST, STATUS), NOW);
  const renewal = await lists.renew(held, node(TRUST, hex(world.status["for one hour"])), NOW);
  expect(renewal).toMatchObject({ held, refused: "number_reused" });
});

test("lists of other roots do not count", async () => {
  const shelf = emptyShelf();
  const lists = await Lists.of(roots("test"), shelf, 0);
  await lists.renew(NOTHING, node(TRUST, STATUS), NOW);
  const other = await Lists.of(roots("other"), shelf, 0);
  expect(await other.stored()).toEqual(NOTHING);
  expect(await other.renew(NOTHING, node(TRUST, STATUS), NOW)).toMatchObject({ held: NOTHING, refused: "key_unknown" });
});

test("a clock that was turned back does not make an ended list good", async () => {
  const lists = await Lists.of(roots("test"), emptyShelf(), NOW + 31 * DAY);
  expect((await lists.renew(NOTHING, node(TRUST, STATUS), NOW)).refused).toBe("expired");
});

const POINT = "9193273a34a783a4876acdaa86356016b29a5fd5913ee90531aabdb5d9c22728b37106905274e9320df2851b131033aa40418bc6f719b4454af7d55636e3fd42";

test("roots that the build pins are not asked for", async () => {
  const asked = () => Promise.reject(new Error("asked"));
  expect(await pinnedRoots(`production ${POINT}`, emptyShelf(), asked)).toEqual(roots("production"));
});

test("served roots are those of the test environment, and are kept for the next visit", async () => {
  const shelf = emptyShelf();
  const serve = (text: string) => () => Promise.resolve(text);
  const away = () => Promise.reject(new Error("away"));
  expect(await pinnedRoots("", shelf, serve(`production ${POINT}`))).toBeUndefined();
  expect(await pinnedRoots("", shelf, away)).toBeUndefined();
  expect(await pinnedRoots("", shelf, serve(`test ${POINT}`))).toEqual(roots("test"));
  expect(await pinnedRoots("", shelf, away)).toEqual(roots("test"));
});

test("a status list whose key is revoked since counts no longer, fetched or held", async () => {
  const lists = await Lists.of(roots("test"), emptyShelf(), 0);
  const { held } = await lists.renew(NOTHING, node(TRUST, STATUS), NOW);
  const trust = held.trust as TrustList;
  const keys = trust.keys.map((key) => (key.use === "status" ? { ...key, revokedFrom: 0 } : key));
  const revoking = { trust: { ...trust, keys }, status: held.status };
  expect(held.status.map((list) => countsUnder(list, trust))).toEqual([true]);
  const renewal = await lists.renew(revoking, node(undefined, STATUS), NOW);
  expect(renewal).toMatchObject({ held: { status: [] }, refused: "key_revoked" });
});

test("the number that a thief gave a status list is forgotten once the key is revoked", async () => {
  const [good, thief] = [emptyShelf(), emptyShelf()];
  const { held } = await (await Lists.of(roots("test"), good, 0)).renew(NOTHING, node(TRUST, STATUS), NOW);
  const stolen = held.trust?.keys.find((key) => key.revokedFrom !== undefined);
  const mark = (keyId: string | undefined) => ({ number: 4294967295, sha256: "00", keyId, issued: NOW });
  const remembering = (keyId: string | undefined): Shelf => ({
    read: (name) =>
      name.endsWith("status-list-1.mark")
        ? Promise.resolve(new TextEncoder().encode(JSON.stringify(mark(keyId))) as Bytes)
        : thief.read(name),
    write: (name, bytes) => thief.write(name, bytes),
  });
  const renew = async (keyId: string | undefined) =>
    (await Lists.of(roots("test"), remembering(keyId), 0)).renew(NOTHING, node(TRUST, STATUS), NOW);
  expect((await renew(undefined)).refused).toBe("rolled_back");
  expect((await renew(stolen && toHex(stolen.id))).refused).toBeUndefined();
});

test("a list of another number is not taken in the place of one", async () => {
  const lists = await Lists.of(roots("test"), emptyShelf(), 0);
  const { held } = await lists.renew(NOTHING, node(TRUST, STATUS), NOW);
  const trust = held.trust as TrustList;
  const two = { trust: { ...trust, statusLists: new Map([...trust.statusLists, [2, "urn:two"]]) }, status: [] };
  const always: Fetch = (path) => (path.startsWith("/v1/status-lists/") ? Promise.resolve(STATUS) : Promise.reject(path));
  const renewal = await lists.renew(two, always, NOW);
  expect(renewal.refused).toBe("subject_wrong");
  expect(renewal.held.status.map((list) => list.number)).toEqual([1]);
});
