/** The resident page. */

import "../styles/base.css";
import { createApp } from "vue";
import { pageI18n } from "../i18n";
import { registerWorker } from "../worker/register";
import { messages } from "./messages";
import ResidentPage from "./ResidentPage.vue";

createApp(ResidentPage).use(pageI18n(messages)).mount("#page");
registerWorker("resident", "/");
