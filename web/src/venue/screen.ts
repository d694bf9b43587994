/** What a venue's screen keeps: its key, which never leaves the browser, and the credential that it fetches. */

import { Problem, postJson } from "../api/client";
import { secondsOf } from "../clock";
import { signPresentation } from "../resident/code/present";
import { coordinatesOf, makeKeyPair } from "../resident/code/wallet";
import { type Bytes, fromBase64Url, toBase64Url } from "../verify/bytes";
import type { Seconds } from "../verify/values";
import { LINK_PART } from "../verify/venue";

export interface Screen {
  readonly pair: CryptoKeyPair;
  readonly credential: Bytes;
  readonly name: string;
  readonly expires: Seconds;
}

/** What the node answers to a screen. */
interface Issued {
  readonly credential: string;
  readonly name: string;
  readonly expires: string;
}

/** Enrols this screen with a code, under a new key. */
export async function enrol(code: string): Promise<Screen> {
  const pair = await makeKeyPair();
  const key = await coordinatesOf(pair.publicKey);
  const screen = screenOf(pair, await postJson<Issued>("/v1/venue-devices", { code, key }));
  await store(screen);
  return screen;
}

/** Fetches the next credential; `undefined` says that this screen was withdrawn, and its key is forgotten. */
export async function renew(screen: Screen): Promise<Screen | undefined> {
  const key = await coordinatesOf(screen.pair.publicKey);
  try {
    const next = screenOf(screen.pair, await postJson<Issued>("/v1/venue-credentials", { key }));
    await store(next);
    return next;
  } catch (error) {
    if (!(error instanceof Problem) || error.document.code !== "not-permitted") throw error;
    await store(undefined);
    return undefined;
  }
}

/** The link to show at `now`, to the page of residents of this origin. */
export async function linkAt({ credential, pair }: Screen, now: Seconds): Promise<string> {
  const token = await signPresentation(credential, now, pair.privateKey, undefined);
  return `${location.origin}/${LINK_PART}${toBase64Url(token)}`;
}

function screenOf(pair: CryptoKeyPair, { credential, name, expires }: Issued): Screen {
  return { pair, credential: fromBase64Url(credential) ?? new Uint8Array(), name, expires: secondsOf(expires) };
}

const STORE = "screen";
const KEY = "this";

/** The screen as it was stored last. */
export function stored(): Promise<Screen | undefined> {
  return transact("readonly", (objects) => objects.get(KEY) as IDBRequest<Screen | undefined>);
}

async function store(screen: Screen | undefined): Promise<void> {
  if (screen) await transact("readwrite", (objects) => objects.put(screen, KEY));
  else await transact("readwrite", (objects) => objects.delete(KEY));
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("yima-venue", 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function transact<T>(mode: IDBTransactionMode, ask: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}
