/** Languages: which there are, which one to begin with, and how a page gets its texts. */

import { createI18n } from "vue-i18n";

export const LOCALES = ["zh-CN", "zh-TW", "en"] as const;
export type Locale = (typeof LOCALES)[number];

/** What each language calls itself. */
export const LOCALE_NAMES: Record<Locale, string> = { "zh-CN": "简体", "zh-TW": "繁體", en: "English" };

const STORED = "yima-language";

/** The language that was chosen here, else the first of the system's that there is, else Chinese. */
export function firstLocale(chosen: string | null, system: readonly string[]): Locale {
  return LOCALES.find((locale) => locale === chosen) ?? system.map(localeOf).find((locale) => locale) ?? "zh-CN";
}

function localeOf(tag: string): Locale | undefined {
  if (/^zh-(TW|HK|MO|Hant)\b/i.test(tag)) return "zh-TW";
  if (/^zh\b/i.test(tag)) return "zh-CN";
  return /^en\b/i.test(tag) ? "en" : undefined;
}

/** The texts of a page, begun in the language of the device. */
export function pageI18n<Messages extends object>(messages: Record<Locale, Messages>) {
  const locale = firstLocale(localStorage.getItem(STORED), navigator.languages);
  document.documentElement.lang = locale;
  return createI18n({
    legacy: false,
    locale: locale as string,
    fallbackLocale: false,
    messages: messages as unknown as Record<string, Record<string, string>>,
  });
}

export function rememberLocale(locale: string): void {
  localStorage.setItem(STORED, locale);
  document.documentElement.lang = locale;
}
