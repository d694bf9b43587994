/** Which screen is shown: the part of the address after `#`, so that the browser's own back button works. */

import { onUnmounted, ref, type Ref } from "vue";
import { LINK_PART } from "../verify/venue";

export const SCREENS = [
  "start",
  "bind",
  "apply",
  "receipt",
  "code",
  "why",
  "timeline",
  "centre",
  "declare",
  "dwellings",
  "family",
  "visits",
  "venues",
  "looks",
  "devices",
  "paper",
  "help",
  "defects",
] as const;
export type Screen = (typeof SCREENS)[number];

export function go(screen: Screen): void {
  location.hash = screen === "start" ? "" : screen;
}

/** The screen that the address names. */
export function useScreen(): Ref<Screen> {
  const screen = ref(named(location.hash));
  const follow = () => {
    screen.value = named(location.hash);
  };
  addEventListener("hashchange", follow);
  onUnmounted(() => removeEventListener("hashchange", follow));
  return screen;
}

function named(hash: string): Screen {
  if (hash.startsWith(LINK_PART)) return "venues";
  return SCREENS.find((screen) => screen === hash.slice(1)) ?? "start";
}
