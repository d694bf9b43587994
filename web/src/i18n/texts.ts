/** Texts that come from the node, such as those of the rules. */

/** A text by language. */
export type Texts = Readonly<Record<string, string>>;

/** The text in this language; packs have every language, so the first one stands in only for a node of another build. */
export function textIn(texts: Texts, locale: string): string {
  return texts[locale] ?? Object.values(texts)[0] ?? "";
}
