/** Texts of the rules in the language of the page, and instants of the node as it is read in Beijing. */

import { showDate, showTime } from "../clock";
import type { Texts } from "./api";

/** The text in this language; packs have every language, so the first one stands in only for a node of another build. */
export function textIn(texts: Texts, locale: string): string {
  return texts[locale] ?? Object.values(texts)[0] ?? "";
}

export function secondsOf(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

/** Date and time, such as `2026年11月22日 08:05`. */
export function showInstant(instant: string, locale: string): string {
  const seconds = secondsOf(instant);
  return `${showDate(seconds, locale)} ${showTime(seconds, locale)}`;
}
