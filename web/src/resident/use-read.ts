/** Reads something from the node for a screen, now and whenever what it depends on changes. */

import { onUnmounted, shallowRef, watch, type WatchSource } from "vue";

export function useRead<T>(read: () => Promise<T>, dependsOn?: WatchSource) {
  const value = shallowRef<T>();
  const error = shallowRef<unknown>();
  let latest = 0;

  async function reload(): Promise<void> {
    const mine = ++latest;
    try {
      const found = await read();
      if (mine !== latest) return;
      [value.value, error.value] = [found, undefined];
    } catch (caught) {
      if (mine === latest) error.value = caught;
    }
  }

  void reload();
  if (dependsOn) watch(dependsOn, () => void reload());
  onUnmounted(() => latest++);
  return { value, error, reload };
}
