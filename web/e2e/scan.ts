/** A checkpoint of the tests' own: our verifier with the lists that a node serves. */

import { request } from "playwright-core";
import type { Bytes } from "../src/verify/bytes";
import type { Place } from "../src/verify/place";
import { Seen } from "../src/verify/seen";
import { openStatusList } from "../src/verify/status-list";
import { openTrustList, parseRoots } from "../src/verify/trust-list";
import { type Outcome, verify } from "../src/verify/verify";
import type { RunningNode } from "./node";

export const now = () => Math.floor(Date.now() / 1000);

const PLACE: Place = { class: "traffic", level: "medium", listed: false, strict: false, attended: true };

/** What a checkpoint makes of a code, `later` seconds from now; an ordinary one, unless `place` says otherwise. */
export async function scan(node: RunningNode, text: string, later = 0, place: Partial<Place> = {}): Promise<Outcome> {
  const context = await request.newContext({ baseURL: node.url, ignoreHTTPSErrors: true });
  const fetch = async (path: string) => new Uint8Array(await (await context.get(path)).body()) as Bytes;
  const roots = parseRoots(new TextDecoder().decode(await fetch("/v1/roots")));
  if (!roots) throw new Error("the node serves no roots");
  const trust = await openTrustList(await fetch("/v1/trust-list"), roots, undefined, now());
  const status = [];
  for (const number of trust.statusLists.keys()) {
    status.push(await openStatusList(await fetch(`/v1/status-lists/${number}`), trust, undefined, now()));
  }
  await context.dispose();
  return verify(text, { place: { ...PLACE, ...place }, trust, status, built: 0 }, new Seen(), now() + later);
}
