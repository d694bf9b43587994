/** Which of the held codes a page shows: first the one that ends first, and each page another one while there is one. */

import "fake-indexeddb/auto";
import { afterEach, expect, test } from "vitest";
import { forgetAll, readAll, write } from "./database";
import { type HeldCode, takeCode } from "./wallet";

const T = 1_900_000_000;

afterEach(forgetAll);

async function hold(id: string, expires: number, person = "me"): Promise<void> {
  await write("codes", id, { id, person, credential: new Uint8Array(), expires, used: undefined });
}

async function taken(now: number): Promise<string | undefined> {
  return (await takeCode("me", now))?.id;
}

test("a page with fresh codes shows the one that ends first, and the next page another one", async () => {
  await hold("day", T + 86_400);
  await hold("brief", T + 600);
  await hold("other day", T + 86_400);
  expect(await taken(T)).toBe("brief");
  const next = [await taken(T + 1), await taken(T + 2)];
  expect(new Set(next)).toEqual(new Set(["day", "other day"]));
  expect(await taken(T + 3), "the one that was shown longest ago").toBe("brief");
});

test("a code that has ended is shown no more, and is gone from the phone", async () => {
  await hold("brief", T + 600);
  await hold("day", T + 86_400);
  expect(await taken(T + 599)).toBe("brief");
  expect(await taken(T + 600)).toBe("day");
  expect((await readAll<HeldCode>("codes")).map(({ id }) => id)).toEqual(["day"]);
});

test("nobody's code is shown for somebody else", async () => {
  await hold("child", T + 600, "child");
  expect(await taken(T)).toBeUndefined();
  expect(await taken(T + 600)).toBeUndefined();
});
