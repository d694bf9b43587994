/** The texts of the page of rules. */

import type { Locale } from "../../i18n";
import { en } from "./en";
import { zhCN, type Messages } from "./zh-CN";
import { zhTW } from "./zh-TW";

export const messages: Record<Locale, Messages> = { "zh-CN": zhCN, "zh-TW": zhTW, en };
