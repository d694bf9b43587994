/** The texts of a venue's screen in traditional Chinese. */

import type { Messages } from "./zh-CN";

export const zhTW: Messages = {
  title: "場所碼",
  scan: "進門請掃碼。到訪只記在您自己的手機裡。",
  code: "{name}的場所碼",
  newest: "{time} 更新，每半分鐘換一次；拍照、轉傳都無效。",
  about: "這面螢幕不知道誰掃過碼。有感染者到過這裡時，您的手機會提醒您。",
  enrol: "啟用這面螢幕",
  enrolAbout: "請輸入登記場所時得到的啟用碼。一個啟用碼只能用在一面螢幕上，一小時內有效。",
  enrolCode: "啟用碼（12 位字母和數字）",
  enrolButton: "啟用",
  ended: "這面螢幕已經一天沒有連線，暫時不能掃碼。請連線。",
  problem: {
    wrong: "啟用碼不對、用過了或者過期了。請檢查，或者要一個新的。",
    withdrawn: "這面螢幕已被停用。請要一個新的啟用碼。",
    unreachable: "現在沒有網路。一天之內螢幕照常可用。",
  },
};
