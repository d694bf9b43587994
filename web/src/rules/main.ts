/** The public page of the rules. */

import "../styles/base.css";
import { createApp } from "vue";
import { pageI18n } from "../i18n";
import { messages } from "./messages";
import RulesPage from "./RulesPage.vue";

createApp(RulesPage).use(pageI18n(messages)).mount("#page");
