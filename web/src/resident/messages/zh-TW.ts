/** The texts of the resident page in traditional Chinese. */

import type { Messages } from "./zh-CN";

export const zhTW: Messages = {
  title: "一碼",
  about: "一碼是全國統一的健康碼：依據公開的規則算出碼色，寫明原因，沒有網路也能查驗。",
  checkpoint: "我在卡口查驗",
};
