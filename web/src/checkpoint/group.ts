/** People who come together: each is verified alone and counted once, and nothing of it is kept afterwards. */

import { toHex } from "../verify/bytes";
import type { Claims } from "../verify/claims";
import type { Who } from "../verify/values";
import type { Answer } from "./answer";

/** A coach has fewer seats. */
export const MEMBERS_MAX = 100;

/** One of the people, by what was answered to their code alone. */
export interface Member {
  /** What was scanned. */
  readonly text: string;
  /** Which code it is, however often it is shown; `undefined` for what was not verified. */
  readonly key: string | undefined;
  readonly decision: Answer["decision"];
  readonly shape: Answer["shape"];
  readonly who: Who | undefined;
}

/** The people with one more; a code that is shown again has its latest answer, in its old place. */
export function joined(members: readonly Member[], text: string, answer: Answer): readonly Member[] {
  const key = answer.code && keyOf(answer.code.claims);
  const { decision, shape } = answer;
  const member = { text, key, decision, shape, who: answer.code?.who };
  const at = key === undefined ? -1 : members.findIndex((other) => other.key === key);
  if (at < 0) return [...members, member];
  // Who it is was shown on a tap, and stays in sight when the next picture shows it no more.
  return members.with(at, { ...member, who: member.who ?? members[at]?.who });
}

/** Why this text is not verified: there is no room, or it is a row already, still before the camera or handed on. */
export function passedOver(members: readonly Member[], text: string): "full" | "counted" | undefined {
  if (members.length >= MEMBERS_MAX) return "full";
  return members.some((member) => member.text === text) ? "counted" : undefined;
}

/** The people without one whose code was not verified, to scan that person again; one who was verified stays. */
export function without(members: readonly Member[], member: Member | undefined): readonly Member[] {
  return member?.key === undefined ? members.filter((other) => other !== member) : members;
}

/** How many of them have each answer. */
export function tally(members: readonly Member[]): Record<Answer["decision"], number> {
  const counts = { pass: 0, lane: 0, stop: 0, "cannot-tell": 0 };
  for (const { decision } of members) counts[decision] += 1;
  return counts;
}

function keyOf(claims: Claims): string {
  return claims.mode === "live" ? toHex(claims.id) : `${claims.status.list}/${claims.status.index}`;
}
