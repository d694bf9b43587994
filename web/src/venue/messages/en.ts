/** The texts of a venue's screen in English. */

import type { Messages } from "./zh-CN";

export const en: Messages = {
  title: "Venue code",
  scan: "Please scan when you come in. The visit is kept on your own phone alone.",
  code: "Venue code of {name}",
  newest: "New at {time}, and every half minute; a photograph is worth nothing.",
  about: "This screen does not know who scanned it. If somebody infected was here, your phone tells you.",
  enrol: "Enrol this screen",
  enrolAbout: "Enter the code that came with the registration of the venue. It enrols one screen and counts for an hour.",
  enrolCode: "Code (12 letters and digits)",
  enrolButton: "Enrol",
  ended: "This screen has not been connected for a day and cannot be scanned. Connect it to the network.",
  problem: {
    wrong: "The code is wrong, used or expired. Check it, or ask for a new one.",
    withdrawn: "This screen was withdrawn. Ask for a new code.",
    unreachable: "There is no network. For a day the screen goes on as it is.",
  },
};
