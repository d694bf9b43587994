/** The texts of the resident page in English. */

import type { Messages } from "./zh-CN";

export const en: Messages = {
  title: "Yima",
  about:
    "Yima is one health code for the whole country: published rules give the colour, the code says why, and it is verified without a network.",
  checkpoint: "I check codes at a checkpoint",
};
