/** The screen at the entrance of a venue. */

import "../styles/base.css";
import { createApp } from "vue";
import { pageI18n } from "../i18n";
import { registerWorker } from "../worker/register";
import { messages } from "./messages";
import VenuePage from "./VenuePage.vue";

createApp(VenuePage).use(pageI18n(messages)).mount("#page");
registerWorker("venue", "/venue/");
