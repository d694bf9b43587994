/** A node of the test environment: the `yima` program with embedded storage in a folder of its own. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type APIRequestContext, type APIResponse, request } from "playwright-core";
import { AHEAD, instant, ROOT, YIMA } from "./issuer";

const DAY = 24 * 3600;
export const PASSWORD = "correct horse battery staple";

const SHAANXI = "shaanxi-2020-12.toml";
const PACKS = ["hubei-2020-02.toml", SHAANXI, "guangdong-2022-04.toml"];

/** The lists that everybody is compared with before a code turns green, one for each pack. */
const LISTS = ["four-classes", "sx-risk-register"];

/** The roles of the accounts that the node begins with, each of an institution of its own. */
const ROLES = ["desk", "register", "community", "disease-control", "operator", "headquarters", "checkpoint", "laboratory"] as const;
type Role = (typeof ROLES)[number];

/** The account of a role. */
export const accountOf = (role: Role): string => `${role}.1`;

/** A resident ID card. */
export interface Document {
  readonly kind: 10;
  readonly number: string;
}

export class RunningNode {
  private readonly staff = new Map<Role, APIRequestContext>();

  private constructor(
    private running: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    /** The fingerprint of its certificate, which it has signed itself. */
    readonly certificate: string,
  ) {}

  /** Starts a node under these packs, with their dates moved to the present and with further lines in that of Shaanxi. */
  static async start(further = ""): Promise<RunningNode> {
    const folder = mkdtempSync(join(tmpdir(), "yima-node-"));
    const now = Math.floor(Date.now() / 1000);
    mkdirSync(join(folder, "outbox"));
    yima("keys", "init", "--environment", "test", "--at", instant(now - 3600), "--out", join(folder, "keys"));
    for (const pack of PACKS) writeFileSync(join(folder, pack), packAt(pack, now));
    appendFileSync(join(folder, SHAANXI), `\n${further}`);
    const config = join(folder, "yima.toml");
    writeFileSync(config, CONFIG);
    for (const role of ROLES) {
      const options = ["admin", "create", "--config", config, "--account", accountOf(role), "--role", role];
      execFileSync(YIMA, options, { input: PASSWORD, stdio: ["pipe", "ignore", "pipe"] });
    }
    const [child, url] = await serve(YIMA, "serve", "--config", config, "--log", "error", "--attached");
    // Wherever the clock of the node stands later, the address stays the same.
    writeFileSync(config, CONFIG.replace("127.0.0.1:0", new URL(url).host));
    const certificate = fingerprintOf(join(folder, "data/self-signed.pem"));
    return new RunningNode(child, folder, url.replace("127.0.0.1", "localhost"), certificate);
  }

  /** Stops the node and starts it again on what it has stored, its clock so many hours ahead. */
  async ahead(hours: number): Promise<void> {
    await this.stop();
    [this.running] = await serve(AHEAD, join(this.folder, "yima.toml"), String(hours));
  }

  async stop(): Promise<void> {
    for (const context of this.staff.values()) await context.dispose();
    this.staff.clear();
    const ended = new Promise((resolve) => this.running.once("exit", resolve));
    this.running.stdin?.end();
    await ended;
  }

  /** The one-time code that was sent last to an address. */
  codeSentTo(address: string): string {
    const outbox = join(this.folder, "outbox");
    const messages = readdirSync(outbox).map((name) => JSON.parse(readFileSync(join(outbox, name), "utf8")));
    const sent = messages.filter(({ to, purpose }) => to === address && purpose === "one-time-code");
    const last = sent.sort((a, b) => a.created.localeCompare(b.created)).at(-1);
    const code = /\d{6}/.exec(last?.text ?? "")?.[0];
    if (!code) throw new Error(`no code was sent to ${address}`);
    return code;
  }

  /** What a member of staff reads. */
  async get<T>(role: Role, path: string): Promise<T> {
    return (await this.send("GET", role, path)).json();
  }

  /** What a member of staff sends, and what comes back. */
  async post<T>(role: Role, path: string, body: unknown): Promise<T> {
    return (await this.send("POST", role, path, body)).json();
  }

  /** What a member of staff puts in the place of what was there. */
  async put(role: Role, path: string, body: unknown): Promise<void> {
    await this.send("PUT", role, path, body);
  }

  /** What a member of staff takes away. */
  async delete(role: Role, path: string): Promise<void> {
    await this.send("DELETE", role, path);
  }

  private async send(method: "GET" | "POST" | "PUT" | "DELETE", role: Role, path: string, body?: unknown): Promise<APIResponse> {
    const context = this.staff.get(role) ?? (await this.signIn(role));
    const data = typeof body === "string" ? body : JSON.stringify(body);
    const response = await context.fetch(path, { method, headers: headers(typeof body === "string"), ...(data && { data }) });
    if (!response.ok()) throw new Error(`${path}: ${await response.text()}`);
    return response;
  }

  /** Has a desk register somebody without symptoms. */
  async registerAtDesk(name: string, number: string, area = "420602"): Promise<Document> {
    const document: Document = { kind: 10, number };
    const declaration = { symptoms: [], contact: "no", on_duty: false, origins: [] };
    const dwellings = [{ role: "home", area }];
    const pledge = { version: "desk", accepted: true };
    await this.post("desk", "/v1/desk/registrations", { document, name, dwellings, declaration, pledge });
    return document;
  }

  /** Compares everybody who has registered with the lists that the packs name; green codes follow. */
  async compareEverybody(ahead = 0): Promise<void> {
    for (const list of LISTS) {
      const now = new Date(Date.now() + ahead * 1000).toISOString();
      await this.file("register", { kind: "comparison", at: now, list, as_of: now, matched: false });
    }
  }

  /** Files one fact as this role. */
  async file(role: Role, fact: object): Promise<{ rows: { fact: string; inert: string | null }[] }> {
    const id = randomBytes(16).toString("hex");
    return this.post(role, "/v1/facts", JSON.stringify({ id, source: { kind: role, id: accountOf(role) }, ...fact }));
  }

  private async signIn(role: Role): Promise<APIRequestContext> {
    const context = await request.newContext({
      baseURL: this.url,
      ignoreHTTPSErrors: true,
      extraHTTPHeaders: { Origin: this.url },
    });
    this.staff.set(role, context);
    await context.post("/v1/staff/sessions", { data: { account: accountOf(role), password: PASSWORD }, headers: headers(false) });
    return context;
  }
}

function headers(isLines: boolean): Record<string, string> {
  const type = isLines ? "application/x-ndjson" : "application/json";
  return { "Content-Type": type, "Idempotency-Key": randomBytes(16).toString("hex") };
}

/** Starts a program that serves a node, and waits for the address that it prints. */
async function serve(program: string, ...options: string[]): Promise<[ChildProcess, string]> {
  const child = spawn(program, options, { stdio: ["pipe", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the node ended with ${code}`)));
  });
  return [child, url];
}

function yima(...options: string[]): void {
  execFileSync(YIMA, options, { stdio: ["ignore", "ignore", "inherit"] });
}

/** SHA-256 of the public key of a certificate, as Chromium takes it. */
function fingerprintOf(file: string): string {
  const { publicKey } = new X509Certificate(readFileSync(file));
  return createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("base64");
}

/** A pack of the past as if it had been published ten days ago for ninety days. */
function packAt(name: string, now: number): string {
  const pack = readFileSync(join(ROOT, "packs", name), "utf8");
  return pack
    .replaceAll(/^until = ".*"$/gm, `until = "${instant(now + 80 * DAY)}"`)
    .replaceAll(/^(published|from) = ".*"$/gm, (_, word) => `${word} = "${instant(now - 10 * DAY)}"`);
}

/** Comparisons are filed by the tests, so that they decide when a code turns green. */
const CONFIG = `
data = "data"
keys = "keys"
keyring = "keyring"
packs = ${JSON.stringify(PACKS)}

[listen]
https = "127.0.0.1:0"

[outbox]
kind = "spool"
directory = "outbox"

[jobs]
comparison_seconds = 3600
status_list_seconds = 1
`;
