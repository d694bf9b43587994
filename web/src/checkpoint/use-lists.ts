/** Holds the lists of this page: opened from the shelf at once, renewed in the background. */

import { onUnmounted, reactive, shallowRef } from "vue";
import { getBytes, getText } from "../api/client";
import { nowSeconds } from "../clock";
import type { ListRefusal } from "../verify/refusal";
import type { Roots } from "../verify/trust-list";
import { type Held, Lists } from "./lists";
import { pinnedRoots } from "./roots";
import { browserShelf } from "./shelf";

const RENEW_EVERY_MS = 5 * 60 * 1000;

export interface ListState {
  isReady: boolean;
  environment: Roots["environment"] | undefined;
  refused: ListRefusal | undefined;
  isUnreachable: boolean;
}

export function useLists() {
  const held = shallowRef<Held>({ trust: undefined, status: [] });
  const state: ListState = reactive({
    isReady: false,
    environment: undefined,
    refused: undefined,
    isUnreachable: false,
  });
  let lists: Lists | undefined;

  async function open(): Promise<void> {
    const roots = await pinnedRoots(__ROOTS__, browserShelf, getText);
    state.environment = roots?.environment;
    if (roots) {
      lists = await Lists.of(roots, browserShelf, __BUILT__);
      held.value = await lists.stored();
    }
    state.isReady = true;
    await renew();
  }

  async function renew(): Promise<void> {
    if (!lists) return;
    const renewal = await lists.renew(held.value, getBytes, nowSeconds());
    held.value = renewal.held;
    state.refused = renewal.refused;
    state.isUnreachable = renewal.isUnreachable;
  }

  void open();
  const timer = setInterval(renew, RENEW_EVERY_MS);
  window.addEventListener("online", renew);
  onUnmounted(() => {
    clearInterval(timer);
    window.removeEventListener("online", renew);
  });
  return { held, state };
}
