/** One answer for each scan: the same text straight after itself is the same scan. */

import type { CodeRefusal } from "../verify/refusal";
import { Seen } from "../verify/seen";
import { type Outcome, verify } from "../verify/verify";
import { type Answer, answerTo } from "./answer";
import type { Held } from "./lists";
import type { Place } from "../verify/place";

/** A picture that was away for so long is a scan of its own. */
const SAME_SCAN_SECONDS = 3;

export class Scanner {
  private readonly seen = new Seen();
  private last: { text: string; at: number; answer: Answer } | undefined;

  constructor(private readonly built: number) {}

  /** The answer to a text, and whether it is the one that was given just before. */
  async answer(text: string, place: Place, held: Held, clock: number): Promise<{ answer: Answer; isSame: boolean }> {
    const { last } = this;
    if (last?.text === text && clock - last.at <= SAME_SCAN_SECONDS) {
      last.at = clock;
      return { answer: last.answer, isSame: true };
    }
    const answer = answerTo(place, await this.outcome(text, place, held, clock));
    this.last = { text, at: clock, answer };
    return { answer, isSame: false };
  }

  private async outcome(text: string, place: Place, held: Held, clock: number): Promise<Outcome> {
    const { trust, status } = held;
    // A device that never held a list knows as little as one whose list has ended.
    const missing: CodeRefusal = "trust_list_too_old";
    if (!trust) return { kind: "refused", reason: missing };
    return verify(text, { place, trust, status, built: this.built }, this.seen, clock);
  }
}
