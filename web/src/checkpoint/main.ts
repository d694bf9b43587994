/** The checkpoint page: choose the place, scan, and see who passes, with or without a network. */

import "../styles/base.css";
import { createApp } from "vue";
import { pageI18n } from "../i18n";
import { registerWorker } from "../worker/register";
import CheckpointPage from "./CheckpointPage.vue";
import { messages } from "./messages";

createApp(CheckpointPage).use(pageI18n(messages)).mount("#page");
registerWorker("checkpoint", "/checkpoint/");
