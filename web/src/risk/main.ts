/** The public page of risk areas. */

import "../styles/base.css";
import { createApp } from "vue";
import { pageI18n } from "../i18n";
import { registerWorker } from "../worker/register";
import { messages } from "./messages";
import RiskPage from "./RiskPage.vue";

createApp(RiskPage).use(pageI18n(messages)).mount("#page");
registerWorker("risk", "/r/");
