/**
 * The roots of trust.
 *
 * A build for service pins them (the build reads the file that `YIMA_ROOTS` names) and nothing that a server says can
 * change them. A build without pinned roots takes those that its own origin serves, of the test environment only.
 */

import { utf8 } from "../verify/bytes";
import { parseRoots, type Roots, rootsText } from "../verify/trust-list";
import type { Shelf } from "./lists";

const PATH = "/v1/roots";
const STORED = "roots";

export async function pinnedRoots(
  pinned: string,
  shelf: Shelf,
  fetchText: (path: string) => Promise<string>,
): Promise<Roots | undefined> {
  if (pinned !== "") return parseRoots(pinned);
  const served = await fetchText(PATH).then(testRoots, () => undefined);
  if (served) {
    await shelf.write(STORED, utf8(rootsText(served)));
    return served;
  }
  const stored = await shelf.read(STORED);
  return stored && testRoots(new TextDecoder().decode(stored));
}

function testRoots(text: string): Roots | undefined {
  const roots = parseRoots(text);
  return roots?.environment === "test" ? roots : undefined;
}
