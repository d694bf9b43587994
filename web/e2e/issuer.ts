/** An issuer of the test environment: real keys, lists and codes, made by the `yima` program in a folder of its own. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const BUILT = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug");
export const YIMA = join(BUILT, "yima");
/** Serves a node whose clock is ahead. */
export const AHEAD = join(BUILT, "examples", "ahead");

export interface CodeOptions {
  colour?: "green" | "yellow" | "red" | "grey";
  at?: number;
  asOf?: number;
  isOpen?: boolean;
  guardian?: { name: string; relation: string };
  index?: number;
}

export class Issuer {
  private readonly folder = mkdtempSync(join(tmpdir(), "yima-e2e-"));
  private readonly keys = join(this.folder, "keys");

  /** Makes the keys; they sign from `since` on. */
  constructor(
    private readonly now: number,
    since: number,
  ) {
    this.yima("keys", "init", "--environment", "test", "--at", instant(since), "--out", this.keys);
  }

  get roots(): Buffer {
    return readFileSync(join(this.keys, "roots.txt"));
  }

  get trustList(): Buffer {
    return readFileSync(join(this.keys, "trust.cbor"));
  }

  /** Signs the trust list anew and gives it. */
  renewTrustList(at: number): Buffer {
    this.yima("keys", "renew", "--keys", this.keys, "--at", instant(at));
    return this.trustList;
  }

  statusList(version: number, passes: number[], at: number): Buffer {
    const out = join(this.folder, `status-${version}`);
    const entries = ["--passes", passes.join(",")];
    this.yima("code", "status-list", "--keys", this.keys, "--at", instant(at), "--version", `${version}`, ...entries, "--out", out);
    return readFileSync(out);
  }

  /** The text of a live code. */
  live(options: CodeOptions = {}): string {
    return this.issue([...liveArguments(options, this.now), "--qr", "text"]).toString().trim();
  }

  livePicture(options: CodeOptions = {}): Buffer {
    return this.issue([...liveArguments(options, this.now), "--qr", "png"]);
  }

  paper(options: CodeOptions = {}): string {
    return this.issue([...paperArguments(options, this.now), "--qr", "text"]).toString().trim();
  }

  paperPicture(options: CodeOptions = {}): Buffer {
    return this.issue([...paperArguments(options, this.now), "--qr", "png"]);
  }

  private issue(options: string[]): Buffer {
    return this.yima("code", "issue", "--keys", this.keys, "--name", "李小明", "--day", "27", ...options);
  }

  private yima(...options: string[]): Buffer {
    return execFileSync(YIMA, options, { stdio: ["ignore", "pipe", "inherit"] });
  }
}

function liveArguments(options: CodeOptions, now: number): string[] {
  const colour = ["--live", "--colour", options.colour ?? "green", "--at", instant(options.at ?? now)];
  const asOf = options.asOf === undefined ? [] : ["--as-of", instant(options.asOf)];
  return [...colour, ...asOf, ...(options.isOpen ? ["--open"] : [])];
}

function paperArguments(options: CodeOptions, now: number): string[] {
  const { guardian } = options;
  const entry = ["--paper", "--at", instant(options.at ?? now), "--status-index", `${options.index ?? 0}`];
  return [...entry, ...(guardian ? ["--guardian", guardian.name, "--relation", guardian.relation] : [])];
}

/** A time as the commands of the program read it. */
export function instant(seconds: number): string {
  return `${new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 19)}+08:00`;
}
