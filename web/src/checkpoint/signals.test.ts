import { expect, test } from "vitest";
import { SIGNALS } from "./signals";

test("each answer sounds and feels unlike every other", () => {
  const answers = Object.values(SIGNALS);
  expect(Object.keys(SIGNALS).sort()).toEqual(["cannot-tell", "lane", "pass", "stop"]);
  for (const part of ["notes", "vibration"] as const) {
    expect(new Set(answers.map((answer) => JSON.stringify(answer[part]))).size).toBe(answers.length);
  }
  // In the noise of a gate the number of notes, or how they rise, tells them apart.
  const shape = ({ notes }: (typeof answers)[number]) =>
    notes.map(({ hertz }, at) => (at === 0 ? 0 : Math.sign(hertz - (notes[at - 1]?.hertz ?? 0)))).join();
  expect(new Set(answers.map(shape)).size).toBe(answers.length);
});
