/** What staff sees and says for each outcome. */

import { type Decision, decide, OPEN_CLASSES, type Place, type PlaceClass } from "../verify/place";
import type { CodeRefusal } from "../verify/refusal";
import type { Outcome, VerifiedCode } from "../verify/verify";

export type Field = "green" | "yellow" | "red" | "dark" | "blue" | "light";
export type Shape = "check" | "triangle" | "octagon" | "cross" | "arrow" | "question";

/** The next step for the person; a key under `answer.help`. */
export type Help =
  | "colour"
  | "paper"
  | "picture"
  | "expired"
  | "clock"
  | "unreadable"
  | "invalid"
  | "grey"
  | "unattended"
  | "cannotTell"
  | (typeof OPEN_CLASSES)[number];

export interface Answer {
  readonly decision: Exclude<Decision, "no-check">;
  readonly field: Field;
  readonly shape: Shape;
  readonly help: Help | undefined;
  /** What the operator should do about the device; a key under `answer.cause`. */
  readonly cause: "lists" | "data" | undefined;
  readonly code: VerifiedCode | undefined;
}

/** The answer of a place that checks codes. */
export function answerTo(place: Place, outcome: Outcome): Answer {
  const decision = decide(place, outcome);
  const code = outcome.kind === "verified" ? outcome.code : undefined;
  const reason = outcome.kind === "refused" ? outcome.reason : undefined;
  const plain = { code, cause: undefined };
  switch (decision) {
    case "no-check":
      throw new Error("a place that does not check was asked for an answer");
    case "pass":
      return { ...plain, decision, field: "green", shape: "check", help: undefined };
    case "lane":
      return { ...plain, decision, field: "blue", shape: "arrow", help: laneHelp(place, code, reason) };
    case "cannot-tell": {
      const cause = reason === "stale" || reason === "not_yet_valid" ? "data" : "lists";
      return { ...plain, decision, field: "light", shape: "question", help: "cannotTell", cause };
    }
    case "stop":
      if (code?.standing === "yellow") return { ...plain, decision, field: "yellow", shape: "triangle", help: "colour" };
      if (code) return { ...plain, decision, field: "red", shape: "octagon", help: "colour" };
      // A refused code says nothing about health, so it has no colour of health.
      return { ...plain, decision, field: "dark", shape: "cross", help: reason && stopHelp(reason) };
  }
}

function laneHelp(place: Place, code: VerifiedCode | undefined, reason: CodeRefusal | undefined): Help {
  if (code?.standing === "grey") return "grey";
  if (reason === "paper_not_accepted") return "unattended";
  return isOpen(place.class) ? place.class : "invalid";
}

function isOpen(name: PlaceClass): name is (typeof OPEN_CLASSES)[number] {
  return (OPEN_CLASSES as readonly PlaceClass[]).includes(name);
}

function stopHelp(reason: CodeRefusal): Help {
  switch (reason) {
    case "status_fallen":
      return "paper";
    case "presentation_missing":
    case "presentation_too_old":
    case "replayed":
      return "picture";
    case "expired":
      return "expired";
    case "presentation_from_future":
      return "clock";
    case "empty":
    case "not_ours":
    case "oversized":
    case "base45_invalid":
    case "truncated":
      return "unreadable";
    default:
      return "invalid";
  }
}
