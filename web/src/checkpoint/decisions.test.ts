/** What staff is told: the answer, the place and the temperature. */

import { describe, expect, test } from "vitest";
import type { Place, PlaceClass } from "../verify/place";
import type { CodeRefusal } from "../verify/refusal";
import type { Outcome, VerifiedCode } from "../verify/verify";
import { answerTo } from "./answer";
import { checkState, type PlaceDocument, settingOf } from "./setting";
import { degrees, judge } from "./temperature";

function place(name: PlaceClass): Place {
  return { class: name, level: "medium", listed: false, strict: false, attended: true };
}

function refused(reason: CodeRefusal): Outcome {
  return { kind: "refused", reason };
}

function verified(standing: VerifiedCode["standing"]): Outcome {
  return { kind: "verified", code: { standing } as VerifiedCode };
}

describe("answers", () => {
  test.each([
    ["venue", verified("green"), "pass", "green", "check", undefined],
    ["venue", verified("passes"), "pass", "green", "check", undefined],
    ["venue", verified("yellow"), "stop", "yellow", "triangle", "colour"],
    ["venue", verified("red"), "stop", "red", "octagon", "colour"],
    ["venue", verified("grey"), "lane", "blue", "arrow", "grey"],
    ["hospital", verified("grey"), "lane", "blue", "arrow", "grey"],
    ["hospital", verified("red"), "lane", "blue", "arrow", "hospital"],
    ["home", verified("yellow"), "lane", "blue", "arrow", "home"],
    ["court", refused("signature_invalid"), "lane", "blue", "arrow", "court"],
    ["venue", refused("signature_invalid"), "stop", "dark", "cross", "invalid"],
    ["venue", refused("status_fallen"), "stop", "dark", "cross", "paper"],
    ["venue", refused("presentation_too_old"), "stop", "dark", "cross", "picture"],
    ["venue", refused("presentation_missing"), "stop", "dark", "cross", "picture"],
    ["venue", refused("replayed"), "stop", "dark", "cross", "picture"],
    ["venue", refused("expired"), "stop", "dark", "cross", "expired"],
    ["venue", refused("presentation_from_future"), "stop", "dark", "cross", "clock"],
    ["venue", refused("not_ours"), "stop", "dark", "cross", "unreadable"],
    ["venue", refused("paper_not_accepted"), "lane", "blue", "arrow", "unattended"],
    ["venue", refused("stale"), "cannot-tell", "light", "question", "cannotTell"],
    ["hospital", refused("trust_list_too_old"), "cannot-tell", "light", "question", "cannotTell"],
  ] as const)("at %s, %j", (name, outcome, decision, field, shape, help) => {
    expect(answerTo(place(name), outcome)).toMatchObject({ decision, field, shape, help });
  });

  test("what the operator should do is said only where the device or the data are too old", () => {
    expect(answerTo(place("venue"), refused("status_list_missing")).cause).toBe("lists");
    expect(answerTo(place("venue"), refused("stale")).cause).toBe("data");
    expect(answerTo(place("venue"), refused("replayed")).cause).toBeUndefined();
  });
});

describe("places by number", () => {
  const document: PlaceDocument = {
    class: "traffic",
    level: "low",
    listed: true,
    strictness: "strict",
    staffed: true,
    legal_basis: "notice",
    until: "2020-12-31T00:00:00+08:00",
  };
  const end = 1609344000;

  test("are read as they are", () => {
    expect(settingOf("7", document, true)).toEqual({
      place: { class: "traffic", level: "low", listed: true, strict: true, attended: true },
      id: "7",
      takesTemperature: true,
      basis: "notice",
      until: end,
    });
  });

  test.each([{ class: "moon" }, { level: "none" }, { until: "soon" }])("are refused with %j", (change) => {
    expect(settingOf("7", { ...document, ...change }, true)).toBeUndefined();
  });

  test("check until their basis ends, and in a low-risk area only if they are listed", () => {
    const setting = settingOf("7", document, true);
    const plain = settingOf("7", { ...document, listed: false }, true);
    expect(setting && checkState(setting, end - 1)).toBe("checks");
    expect(setting && checkState(setting, end)).toBe("ended");
    expect(plain && checkState(plain, end - 1)).toBe("low");
  });
});

describe("temperature", () => {
  test.each([
    [339, undefined, "implausible"],
    [340, undefined, "normal"],
    [372, undefined, "normal"],
    [373, undefined, "again"],
    [430, undefined, "again"],
    [431, undefined, "implausible"],
    [372, 373, "normal"],
    [373, 373, "fever"],
    [999, 373, "implausible"],
  ])("%i after %s is %s", (value, first, reading) => {
    expect(judge(value, first)).toBe(reading);
  });

  test("is shown with one decimal", () => {
    expect(degrees(370)).toBe("37.0");
  });
});
