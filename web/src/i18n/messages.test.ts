/** Every text exists in every language, with the same parameters. */

import { describe, expect, test } from "vitest";
import { messages as checkpoint } from "../checkpoint/messages";
import { messages as resident } from "../resident/messages";
import { messages as risk } from "../risk/messages";
import { messages as venue } from "../venue/messages";
import { firstLocale, LOCALES } from ".";

/** All texts by their path. */
function texts(node: unknown, path = ""): Map<string, string> {
  if (typeof node === "string") return new Map([[path, node]]);
  const entries = Object.entries(node as object).flatMap(([key, value]) => [...texts(value, `${path}.${key}`)]);
  return new Map(entries);
}

function parameters(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).sort();
}

const HAN = /\p{Script=Han}/u;
/** The characters of GB 2312 are those of mainland print, the ones of Big5 those of Taiwan. */
const SIMPLIFIED = charactersOf("gbk", [0xb0, 0xf7], [[0xa1, 0xfe]]);
const TRADITIONAL = charactersOf("big5", [0xa4, 0xf9], [[0x40, 0x7e], [0xa1, 0xfe]]);

/** What the pairs of bytes in these ranges stand for. */
function charactersOf(encoding: string, [first, last]: [number, number], seconds: [number, number][]): Set<string> {
  const decoder = new TextDecoder(encoding);
  const found = new Set<string>();
  for (let lead = first; lead <= last; lead++) {
    for (const [least, most] of seconds) {
      for (let second = least; second <= most; second++) found.add(decoder.decode(new Uint8Array([lead, second])));
    }
  }
  return found;
}

describe.each([
  ["checkpoint", checkpoint],
  ["resident", resident],
  ["risk", risk],
  ["venue", venue],
])("the texts of the %s page", (_, messages) => {
  const first = texts(messages["zh-CN"]);

  test.each(LOCALES)("are complete in %s", (locale) => {
    const found = texts(messages[locale]);
    expect([...found.keys()].sort()).toEqual([...first.keys()].sort());
    for (const [key, text] of found) {
      expect(text.trim(), key).not.toBe("");
      expect(parameters(text), key).toEqual(parameters(first.get(key) ?? ""));
      // These are syntax to the library that fills the parameters in.
      expect(text, key).not.toMatch(/[@|]/);
    }
  });

  test("are in the script of their language", () => {
    for (const [key, text] of texts(messages.en)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
    for (const [locale, script] of [["zh-CN", SIMPLIFIED], ["zh-TW", TRADITIONAL]] as const) {
      for (const [key, text] of texts(messages[locale])) {
        expect([...text].filter((character) => HAN.test(character) && !script.has(character)), `${locale} ${key}`).toEqual([]);
      }
    }
  });
});

test.each([
  [null, ["zh-CN"], "zh-CN"],
  [null, ["zh"], "zh-CN"],
  [null, ["zh-Hant-HK", "en"], "zh-TW"],
  [null, ["zh-TW"], "zh-TW"],
  [null, ["fr", "en-GB", "zh-CN"], "en"],
  [null, ["fr"], "zh-CN"],
  [null, [], "zh-CN"],
  ["en", ["zh-CN"], "en"],
  ["xx", ["zh-TW"], "zh-TW"],
])("the language begins as it was chosen or as the system has it: %s, %j", (chosen, system, locale) => {
  expect(firstLocale(chosen, system)).toBe(locale);
});
