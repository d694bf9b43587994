/** The presentations that this checkpoint accepted and that could still be shown again. It lives in memory only. */

import { type Bytes, toHex } from "./bytes";
import type { Seconds } from "./values";

/** How long a presentation counts after its time. */
export const PRESENTATION_AGE_MAX = 60;

const SEEN_MAX = 4096;

export class Seen {
  private readonly times = new Map<string, Seconds>();

  has(id: Bytes, time: Seconds): boolean {
    return this.times.has(keyOf(id, time));
  }

  /** Remembers a presentation, and forgets those that would be refused as too old anyway. */
  add(id: Bytes, time: Seconds, now: Seconds): void {
    for (const [key, seen] of this.times) {
      if (now - seen > PRESENTATION_AGE_MAX) this.times.delete(key);
    }
    const [oldest] = this.times.keys();
    if (this.times.size >= SEEN_MAX && oldest !== undefined) this.times.delete(oldest);
    this.times.set(keyOf(id, time), time);
  }

  get size(): number {
    return this.times.size;
  }
}

function keyOf(id: Bytes, time: Seconds): string {
  return `${toHex(id)} ${time}`;
}
