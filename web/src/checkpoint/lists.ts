/** The lists that this device holds: a new one replaces the held one only if the verifier takes it. */

import { type Bytes, toHex } from "../verify/bytes";
import { keyId } from "../verify/cose";
import type { Mark } from "../verify/list";
import { type ListRefusal, Refused } from "../verify/refusal";
import { openStatusList, type StatusList } from "../verify/status-list";
import { openTrustList, type Roots, type TrustList } from "../verify/trust-list";
import { effectiveTime } from "../verify/verify";

/** Where lists are kept between two visits. */
export interface Shelf {
  read(name: string): Promise<Bytes | undefined>;
  write(name: string, bytes: Bytes): Promise<void>;
}

export interface Held {
  readonly trust: TrustList | undefined;
  readonly status: readonly StatusList[];
}

/** How a renewal ended: what is held now, and why something new was not taken. */
export interface Renewal {
  readonly held: Held;
  readonly refused: ListRefusal | undefined;
  readonly isUnreachable: boolean;
}

/** Fetches a list from the node; throws where there is no answer. */
export type Fetch = (path: string) => Promise<Bytes>;

const TRUST = "trust-list";
const statusName = (number: number) => `status-list-${number}`;

export class Lists {
  private constructor(
    private readonly roots: Roots,
    private readonly shelf: Shelf,
    private readonly prefix: string,
    private readonly built: number,
  ) {}

  /** Lists of other roots are kept apart, so that what is remembered of one never speaks for another. */
  static async of(roots: Roots, shelf: Shelf, built: number): Promise<Lists> {
    const ids = await Promise.all(roots.keys.map(keyId));
    return new Lists(roots, shelf, `${roots.environment}-${ids.map(toHex).sort().join("-")}-`, built);
  }

  /** Opens what was stored. An old list is opened as well; a verifier judges its age at each code. */
  async stored(): Promise<Held> {
    const ever = 0;
    const bytes = await this.shelf.read(this.prefix + TRUST);
    const trust = bytes && (await openTrustList(bytes, this.roots, undefined, ever).catch(nothingIfRefused));
    const status: StatusList[] = [];
    for (const number of trust?.statusLists.keys() ?? []) {
      const bytes = await this.shelf.read(this.prefix + statusName(number));
      const list = bytes && trust && (await openStatusList(bytes, trust, undefined, ever).catch(nothingIfRefused));
      if (list) status.push(list);
    }
    return { trust, status };
  }

  /** Fetches every list anew, and takes those that are good. */
  async renew(held: Held, fetch: Fetch, clock: number): Promise<Renewal> {
    let { trust } = held;
    let refused: ListRefusal | undefined;
    let isUnreachable = false;
    const attempt = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await act();
      } catch (error) {
        if (error instanceof Refused) refused ??= error.reason as ListRefusal;
        else isUnreachable = true;
        return undefined;
      }
    };
    const now = effectiveTime(clock, { ...held, built: this.built });
    trust = (await attempt(() => this.takeTrustList(fetch, now))) ?? trust;
    const status: StatusList[] = [];
    for (const number of trust?.statusLists.keys() ?? []) {
      const old = held.status.find((list) => list.number === number);
      const list = (await attempt(() => this.takeStatusList(number, trust as TrustList, fetch, now))) ?? old;
      if (list) status.push(list);
    }
    return { held: { trust, status }, refused, isUnreachable };
  }

  private async takeTrustList(fetch: Fetch, now: number): Promise<TrustList> {
    const bytes = await fetch("/v1/trust-list");
    const list = await openTrustList(bytes, this.roots, await this.mark(TRUST), now);
    await this.keep(TRUST, bytes, list.mark);
    return list;
  }

  private async takeStatusList(number: number, trust: TrustList, fetch: Fetch, now: number): Promise<StatusList> {
    const name = statusName(number);
    const bytes = await fetch(`/v1/status-lists/${number}`);
    const list = await openStatusList(bytes, trust, await this.mark(name), now);
    await this.keep(name, bytes, list.mark);
    return list;
  }

  /** What is remembered of the newest list; it outlives the list itself. */
  private async mark(name: string): Promise<Mark | undefined> {
    const bytes = await this.shelf.read(this.prefix + name + ".mark");
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Mark);
  }

  private async keep(name: string, bytes: Bytes, mark: Mark): Promise<void> {
    await this.shelf.write(this.prefix + name + ".mark", new TextEncoder().encode(JSON.stringify(mark)) as Bytes);
    await this.shelf.write(this.prefix + name, bytes);
  }
}

function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof Refused)) throw error;
}
