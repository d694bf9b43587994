/** The lists that this device holds: a new one replaces the held one only if the verifier takes it. */

import { Problem, Unreachable } from "../api/client";
import { type Bytes, toHex } from "../verify/bytes";
import { keyId } from "../verify/cose";
import type { Mark } from "../verify/list";
import { demand, type ListRefusal, Refused } from "../verify/refusal";
import { countsUnder, openStatusList, type StatusList } from "../verify/status-list";
import { isRevoked, openTrustList, type Roots, type TrustList } from "../verify/trust-list";
import { venueTime } from "../verify/venue";
import { effectiveTime } from "../verify/verify";
import { openWarningList, type WarningList } from "../verify/warning-list";

/** Where lists are kept between two visits. */
export interface Shelf {
  read(name: string): Promise<Bytes | undefined>;
  write(name: string, bytes: Bytes): Promise<void>;
}

export interface Held {
  readonly trust: TrustList | undefined;
  readonly status: readonly StatusList[];
}

/** The mark of a list; that of a status list with the key that signed it, and when. */
interface Remembered extends Mark {
  readonly keyId?: string;
  readonly issued?: number;
}

/** What a resident's phone holds. */
export interface HeldWarnings {
  readonly trust: TrustList | undefined;
  readonly warnings: WarningList | undefined;
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
const WARNINGS = "venue-warnings";
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
      if (list && countsUnder(list, trust as TrustList)) status.push(list);
    }
    return { held: { trust, status }, refused, isUnreachable };
  }

  /** Opens the list of warnings that was stored, however old. */
  async storedWarnings(): Promise<HeldWarnings> {
    const { trust } = await this.stored();
    const bytes = await this.shelf.read(this.prefix + WARNINGS);
    const opened = bytes && trust && (await openWarningList(bytes, trust, undefined, 0).catch(nothingIfRefused));
    return { trust, warnings: opened || undefined };
  }

  /** Fetches the trust list and the warnings; whatever is refused or does not come leaves what is held. */
  async renewWarnings(held: HeldWarnings, fetch: Fetch, clock: number): Promise<HeldWarnings> {
    const now = venueTime(clock, { ...held, built: this.built });
    const old = (error: unknown): undefined => {
      if (!(error instanceof Refused) && !(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    };
    const trust = (await this.takeTrustList(fetch, now).catch(old)) ?? held.trust;
    if (!trust) return held;
    return { trust, warnings: (await this.takeWarnings(trust, fetch, now).catch(old)) ?? held.warnings };
  }

  private async takeWarnings(trust: TrustList, fetch: Fetch, now: number): Promise<WarningList> {
    const bytes = await fetch("/v1/venue-warnings");
    const list = await openWarningList(bytes, trust, await this.mark(WARNINGS), now);
    await this.keep(WARNINGS, bytes, list.mark);
    return list;
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
    const list = await openStatusList(bytes, trust, this.standing(await this.mark(name), trust), now);
    demand(list.number === number, "subject_wrong");
    await this.keep(name, bytes, { ...list.mark, keyId: toHex(list.keyId), issued: list.issued });
    return list;
  }

  /** What is remembered of the newest list; it outlives the list itself. */
  private async mark(name: string): Promise<Remembered | undefined> {
    const bytes = await this.shelf.read(this.prefix + name + ".mark");
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Remembered);
  }

  /** What a key signed that is revoked now is not remembered: the number that a thief wrote there binds nobody. */
  private standing(held: Remembered | undefined, trust: TrustList): Mark | undefined {
    const key = trust.keys.find((key) => toHex(key.id) === held?.keyId);
    return key && isRevoked(key, held?.issued ?? 0) ? undefined : held;
  }

  private async keep(name: string, bytes: Bytes, mark: Remembered): Promise<void> {
    await this.shelf.write(this.prefix + name + ".mark", new TextEncoder().encode(JSON.stringify(mark)) as Bytes);
    await this.shelf.write(this.prefix + name, bytes);
  }
}

function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof Refused)) throw error;
}
