/** Talks to the node: JSON, problem documents (RFC 9457) and idempotency keys. */

import type { Bytes } from "../verify/bytes";

/** One field that is not right: a path such as `document.number`, a stable word, and what may stand there. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** What a problem document says. */
export interface ProblemDocument {
  /** The stable word for what went wrong. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly errors?: readonly FieldError[];
}

/** The node answered, and the answer was no. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly document: ProblemDocument,
  ) {
    super(document.detail ?? document.title);
  }

  /** Whether the same request may be accepted later: after signing in, a pause, or a repair. */
  get mayPassLater(): boolean {
    return [401, 408, 429].includes(this.status) || this.status >= 500;
  }
}

/** No answer came: the network or the node is away. */
export class Unreachable extends Error {}

export async function getJson<T>(path: string): Promise<T> {
  const response = await send(path, { cache: "no-cache", headers: { Accept: "application/json" } });
  return (await response.json()) as T;
}

export async function getBytes(path: string): Promise<Bytes> {
  const response = await send(path, { cache: "no-cache" });
  return new Uint8Array(await response.arrayBuffer());
}

/** Gets what is the same for everybody, without saying who asks. */
export async function getPublicBytes(path: string): Promise<Bytes> {
  const response = await send(path, { cache: "no-cache", credentials: "omit" });
  return new Uint8Array(await response.arrayBuffer());
}

export async function getText(path: string): Promise<string> {
  return (await send(path, { cache: "no-cache" })).text();
}

/** Changes something; a retry with the same key is the same change. */
export function postJson<T>(path: string, body: unknown, key: string = idempotencyKey()): Promise<T> {
  return change("POST", path, body, key);
}

/** Changes something, and gets a file for it. */
export async function postForFile(path: string, body: unknown): Promise<Blob> {
  return (await changed("POST", path, body, idempotencyKey(), "*/*")).blob();
}

/** Puts something in the place of what is there. */
export function putJson<T>(path: string, body: unknown, key: string = idempotencyKey()): Promise<T> {
  return change("PUT", path, body, key);
}

/** Takes something away. */
export function deleteAt(path: string): Promise<void> {
  return change("DELETE", path, undefined, idempotencyKey());
}

function changed(method: string, path: string, body: unknown, key: string, accept: string): Promise<Response> {
  const headers = { Accept: accept, "Content-Type": "application/json", "Idempotency-Key": key };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return send(path, { method, headers, ...content });
}

async function change<T>(method: string, path: string, body: unknown, key: string): Promise<T> {
  const text = await (await changed(method, path, body, key, "application/json")).text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** 128 random bits. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { credentials: "same-origin", ...init }).catch((error: unknown) => {
    throw new Unreachable("the node does not answer", { cause: error });
  });
  if (!response.ok) throw new Problem(response.status, await documentOf(response));
  return response;
}

async function documentOf(response: Response): Promise<ProblemDocument> {
  const nothing = { code: `http_${response.status}`, title: response.statusText };
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) return nothing;
  const document = (await response.json()) as Partial<ProblemDocument>;
  return { ...nothing, ...document };
}
