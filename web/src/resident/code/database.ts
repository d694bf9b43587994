/** What the resident page keeps on the phone: an IndexedDB with one store for each kind of thing. */

export type StoreName = "codes" | "verdicts" | "check-ins" | "people" | "visits" | "notices";

const NAME = "yima-resident";
const VERSION = 3;
const STORES: readonly StoreName[] = ["codes", "verdicts", "check-ins", "people", "visits", "notices"];

/** Everything in a store, in the order of its keys. */
export async function readAll<T>(store: StoreName): Promise<T[]> {
  return transact(store, "readonly", (objects) => objects.getAll() as IDBRequest<T[]>);
}

export async function readOne<T>(store: StoreName, key: string): Promise<T | undefined> {
  return transact(store, "readonly", (objects) => objects.get(key) as IDBRequest<T | undefined>);
}

export async function write(store: StoreName, key: string, value: unknown): Promise<void> {
  await transact(store, "readwrite", (objects) => objects.put(value, key));
}

export async function remove(store: StoreName, key: string): Promise<void> {
  await transact(store, "readwrite", (objects) => objects.delete(key));
}

/** Forgets everything: the holder signs out. */
export async function forgetAll(): Promise<void> {
  for (const store of STORES) await transact(store, "readwrite", (objects) => objects.clear());
}

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const { objectStoreNames } = request.result;
      for (const store of STORES) if (!objectStoreNames.contains(store)) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function transact<T>(
  store: StoreName,
  mode: IDBTransactionMode,
  ask: (objects: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
