/** The texts of the resident page in simplified Chinese; the other languages have the same keys. */

export const zhCN = {
  title: "一码",
  about: "一码是全国统一的健康码：依据公开的规则算出码色，写明原因，没有网络也能查验。",
  checkpoint: "我在卡口查验",
};

export type Messages = typeof zhCN;
