/** Texts of the rules in the language of the page. */

import type { Texts } from "./api";

/** The text in this language; packs have every language, so the first one stands in only for a node of another build. */
export function textIn(texts: Texts, locale: string): string {
  return texts[locale] ?? Object.values(texts)[0] ?? "";
}
