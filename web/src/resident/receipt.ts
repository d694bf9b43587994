/** The receipt that came with the last application, until the page asks for it anew. */

import { ref } from "vue";
import type { Receipt } from "./api";

export const lastReceipt = ref<Receipt>();

export function showReceipt(receipt: Receipt): void {
  lastReceipt.value = receipt;
}
