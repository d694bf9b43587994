/** What is filled in is what is sent, what is missing is said, and a draft comes back as it was. */

import { describe, expect, test } from "vitest";
import { SYMPTOMS } from "../api";
import { DOCUMENT_KINDS, wrongPart } from "./document";
import {
  ABROAD,
  applicationOf,
  type Draft,
  dropDraft,
  emptyDraft,
  healthFrom,
  healthOf,
  isUntouched,
  loadDraft,
  type Missing,
  missingFrom,
  saveDraft,
} from "./draft";
import { issuingStates } from "../../document/states";

const DAY = 24 * 3600;

function filled(change: Partial<Draft> = {}): Draft {
  return {
    kind: 10,
    issuer: "",
    number: " 61010219900101001X ",
    name: " 王小明 ",
    birth: "",
    dwellings: [{ role: "home", area: "420602001", text: " 幸福小区 3 号楼 " }],
    health: { hasSymptoms: false, symptoms: [], contact: "no", onDuty: false },
    hasOrigins: false,
    origins: [],
    pledged: true,
    ...change,
  };
}

class Memory {
  private readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

describe("what is sent", () => {
  test("says what was filled in and nothing else", () => {
    expect(applicationOf(filled())).toEqual({
      document: { kind: 10, number: "61010219900101001X" },
      name: "王小明",
      dwellings: [{ role: "home", area: "420602001", text: "幸福小区 3 号楼" }],
      declaration: { symptoms: [], contact: "no", on_duty: false, origins: [] },
      pledge: { version: expect.any(String), accepted: true },
    });
  });

  test.each(DOCUMENT_KINDS)("has the issuing state where the document needs one: %i", (kind) => {
    const { document } = applicationOf(filled({ kind, issuer: "FRA" }));
    expect(document).toEqual({ kind, number: "61010219900101001X", ...([20, 99].includes(kind) && { issuer: "FRA" }) });
  });

  test.each([
    [10, "61010219900101001X", undefined],
    [14, "H12345678", "1990-01-31"],
    [20, "12AB34567", "1990-01-31"],
    [34, "CAN110081080310", "1990-01-31"],
    [34, "91112419810803002 4", undefined],
  ])("has the date of birth where the number does not carry it: %i %s", (kind, number, birth) => {
    expect(applicationOf(filled({ kind, number, birth: "1990-01-31" })).birth).toBe(birth);
    expect(applicationOf(filled({ kind, number }))).not.toHaveProperty("birth");
  });

  test("has the name of a place that the list does not have", () => {
    const dwellings = [{ role: "home" as const, area: "420602001", place: " 幸福新村 ", text: "" }];
    expect(applicationOf(filled({ dwellings })).dwellings).toEqual([{ role: "home", area: "420602001", place: "幸福新村" }]);
  });

  test("has every role, and leaves out a text that was not written", () => {
    const dwellings = (["present", "home", "workplace"] as const).map((role) => ({ role, area: "42", text: "  " }));
    expect(applicationOf(filled({ dwellings })).dwellings).toEqual(dwellings.map(({ role, area }) => ({ role, area })));
  });

  test("has the days of arrival in Beijing time, and abroad as no area", () => {
    const origins = [
      { from: "6101", day: "2026-11-20" },
      { from: ABROAD, day: "2026-11-01" },
    ];
    expect(applicationOf(filled({ hasOrigins: true, origins })).declaration.origins).toEqual([
      { from: "6101", arrived: "2026-11-20T00:00:00+08:00" },
      { arrived: "2026-11-01T00:00:00+08:00" },
    ]);
    expect(applicationOf(filled({ hasOrigins: false, origins })).declaration.origins).toEqual([]);
  });

  test("has no symptom after the holder said that there is none", () => {
    const health = { hasSymptoms: false, symptoms: ["fever" as const], contact: "unknown" as const, onDuty: true };
    expect(healthOf(health)).toEqual({ symptoms: [], contact: "unknown", on_duty: true });
  });
});

test("a form that begins with what is stored says the same again", () => {
  for (const contact of ["no", "yes", "unknown"] as const) {
    for (const on_duty of [false, true]) {
      for (let set = 0; set < 1 << SYMPTOMS.length; set++) {
        const stored = { symptoms: SYMPTOMS.filter((_, at) => set & (1 << at)), contact, on_duty };
        expect(healthOf(healthFrom(stored))).toEqual(stored);
      }
    }
  }
});

test.each<[Missing, Partial<Draft>]>([
  ["number", { number: "  " }],
  ["name", { name: "" }],
  ["issuer", { kind: 20 }],
  ["area", { dwellings: [{ role: "home", area: "", text: "只写了文字" }] }],
  ["origins", { hasOrigins: undefined }],
  ["origins", { hasOrigins: true, origins: [{ from: "61", day: "" }] }],
  ["origins", { hasOrigins: true, origins: [{ from: "", day: "2026-11-20" }] }],
  ["symptoms", { health: { ...filled().health, hasSymptoms: undefined } }],
  ["symptoms", { health: { ...filled().health, hasSymptoms: true } }],
  ["contact", { health: { ...filled().health, contact: undefined } }],
  ["pledge", { pledged: false }],
])("is missing: %s in %j", (missing, change) => {
  expect(missingFrom(filled(change))).toEqual([missing]);
});

test("nothing is missing from a form that is filled in, and much from an empty one", () => {
  expect(missingFrom(filled())).toEqual([]);
  expect(missingFrom(emptyDraft())).toEqual(["number", "name", "area", "origins", "pledge", "symptoms", "contact"]);
  expect(isUntouched(emptyDraft())).toBe(true);
  expect(isUntouched(filled())).toBe(false);
});

describe("a draft", () => {
  test("comes back as it was, but for the pledge, for a week", () => {
    const storage = new Memory();
    const draft = filled({ hasOrigins: true, origins: [{ from: ABROAD, day: "" }] });
    saveDraft(storage, draft, 1000);
    expect(loadDraft(storage, 1000 + 7 * DAY - 1)).toEqual({ ...draft, pledged: false });
    expect(loadDraft(storage, 1000 + 7 * DAY)).toBeUndefined();
    expect(loadDraft(storage, 1000), "one that is too old is gone").toBeUndefined();
  });

  test.each(["", "{", "null", "[]", "{}", '{"saved":1000,"draft":{"name":"x"}}', '{"saved":"x","draft":{}}'])(
    "that cannot be read is none: %s",
    (text) => {
      const storage = new Memory();
      storage.setItem("yima-draft", text);
      expect(loadDraft(storage, 1000)).toBeUndefined();
    },
  );

  test("that is dropped is gone", () => {
    const storage = new Memory();
    saveDraft(storage, filled(), 1000);
    dropDraft(storage);
    expect(loadDraft(storage, 1000)).toBeUndefined();
  });
});

test.each([
  ["61010219900101001X", undefined],
  ["610102199001010011", "check"],
  ["11010519491231002X", undefined],
  ["11010519491231002x", undefined],
  ["１１０１０５１９４９１２３１００２Ｘ", undefined],
  ["110105 19491231 002X", undefined],
  ["110105491231002", undefined],
  ["110105194912310021", "check"],
  ["11010519491331002X", "birth"],
  ["11010519490229002X", "birth"],
  ["1101051949123100", "length"],
  ["11010519491231002XX", "length"],
  ["1101051949123100AX", "characters"],
  ["X1010519491231002X", "characters"],
])("of the resident number %s this is wrong: %s", (number, part) => {
  expect(wrongPart(10, number)).toBe(part);
});

test("the issuing states have a name each in every language", () => {
  for (const locale of ["zh-CN", "zh-TW", "en"]) {
    const states = issuingStates(locale);
    expect(new Set(states.map(({ code }) => code)).size).toBe(195);
    for (const { code, name } of states) {
      expect(code).toMatch(/^([A-Z]{3}|D)$/);
      expect(name, code).not.toMatch(/^[A-Z]{2}$/);
    }
  }
});
