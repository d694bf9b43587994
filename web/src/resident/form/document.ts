/** Kinds of documents, and which part of a resident number is wrong, said before anything is sent. */

export const DOCUMENT_KINDS = [10, 14, 15, 16, 20, 34, 99] as const;

/** The part of the number that is wrong; a key under `document.wrong`. */
export type WrongPart = "length" | "characters" | "birth" | "check";

/** What is wrong with a number as it was typed; only resident numbers are judged here, the node judges all. */
export function wrongPart(kind: number, typed: string): WrongPart | undefined {
  if (kind !== 10) return undefined;
  const number = normalised(typed);
  if (number.length !== 15 && number.length !== 18) return "length";
  if (!/^(\d{15}|\d{17}[\dX])$/.test(number)) return "characters";
  const birth = number.length === 18 ? number.slice(6, 14) : `19${number.slice(6, 12)}`;
  if (!isDay(birth)) return "birth";
  return number.length === 18 && number[17] !== checkCharacter(number) ? "check" : undefined;
}

/** Whether the number itself says when its holder was born. */
export function carriesBirth(kind: number, typed: string): boolean {
  return kind === 10 || (kind === 34 && normalised(typed).length === 18);
}

function normalised(typed: string): string {
  return typed.normalize("NFKC").replaceAll(/[\s-]/g, "").toUpperCase();
}

function isDay(digits: string): boolean {
  const text = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** ISO 7064 MOD 11-2. */
function checkCharacter(number: string): string {
  let sum = 0;
  for (const [at, digit] of [...number.slice(0, 17)].entries()) sum += Number(digit) * (2 ** (17 - at) % 11);
  return "10X98765432".charAt(sum % 11);
}
