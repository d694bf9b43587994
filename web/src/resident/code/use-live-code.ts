/** The code on the screen: signed anew every 30 seconds, fetched anew while there is a network. */

import { computed, onMounted, onUnmounted, ref, shallowRef, watch } from "vue";
import { Problem, Unreachable } from "../../api/client";
import { nowSeconds } from "../../clock";
import type { Seconds } from "../../verify/values";
import type { Whose } from "../api";
import { session, shownPerson, whose } from "../session";
import { present, REFRESH_SECONDS } from "./present";
import { type HeldCode, type HeldVerdict, heldVerdict, refill, takeCode } from "./wallet";

/** A strict checkpoint asks for data of two minutes; up to one of them is lost where as-of is cut to the minute. */
const FETCH_SECONDS = 40;
/** How soon a code is asked for again where the answer will soon be another one. */
const FETCH_PENDING_SECONDS = 15;
/** The node signs no code that would end within the minute. */
const CHANGING = "changing-now";
/** Phones that were opened at the same second do not stay together. */
const JITTER_SECONDS = 15;

export function useLiveCode() {
  const now = ref<Seconds>(nowSeconds());
  const code = shallowRef<HeldCode>();
  const held = shallowRef<HeldVerdict>();
  const text = ref<string>();
  const isOpen = ref(false);
  const error = shallowRef<unknown>();
  /** Whether it is not known yet what there is to show. */
  const isOpening = ref(false);
  let signed: Seconds = 0;
  let nextFetch: Seconds = 0;

  const verdict = computed(() => held.value?.verdict);
  const opening = computed(() => code.value?.opening);
  /** Until when this phone can show a code without a network. */
  const until = computed(() => held.value?.until);
  const isOver = () => code.value !== undefined && code.value.expires <= now.value;

  async function sign(): Promise<void> {
    const shown = code.value;
    if (!shown) {
      text.value = undefined;
      return;
    }
    // The next one that the phone holds takes its place.
    if (isOver()) return show(shown.person);
    signed = now.value;
    const signedText = await present(shown.credential, signed, shown.key, isOpen.value ? shown.opening : undefined);
    if (code.value === shown) text.value = signedText;
  }

  async function show(person: string): Promise<void> {
    const [found, foundVerdict] = [await takeCode(person, now.value), await heldVerdict(person)];
    if (person !== shownPerson.value) return;
    [code.value, held.value] = [found, foundVerdict];
    await sign();
  }

  /** Fetches codes; where that fails, what the phone holds stays. */
  async function fetchNew(person: string, of: Whose): Promise<void> {
    nextFetch = now.value + FETCH_SECONDS + Math.random() * JITTER_SECONDS;
    try {
      const { verdict } = await refill(of, now.value);
      if (verdict.cause === "not-compared") nextFetch = now.value + FETCH_PENDING_SECONDS;
      error.value = undefined;
      session.isOffline = false;
      await show(person);
    } catch (caught) {
      if (caught instanceof Unreachable) session.isOffline = true;
      else if (!(caught instanceof Problem)) throw caught;
      else {
        error.value = caught;
        if (caught.document.code === CHANGING) nextFetch = now.value + FETCH_PENDING_SECONDS;
      }
    }
  }

  async function open(): Promise<void> {
    const person = shownPerson.value;
    [code.value, held.value, text.value, isOpen.value] = [undefined, undefined, undefined, false];
    if (!person) return;
    isOpening.value = true;
    await show(person);
    await fetchNew(person, whose.value);
    if (person === shownPerson.value) isOpening.value = false;
  }

  async function refresh(): Promise<void> {
    const person = shownPerson.value;
    if (person && document.visibilityState === "visible") await fetchNew(person, whose.value);
  }

  function tick(): void {
    now.value = nowSeconds();
    if (now.value - signed >= REFRESH_SECONDS || now.value < signed || isOver()) void sign();
    if (now.value >= nextFetch) void refresh();
  }

  let timer: ReturnType<typeof setInterval>;
  const refreshAtOnce = () => void refresh();
  onMounted(() => {
    timer = setInterval(tick, 1000);
    addEventListener("online", refreshAtOnce);
    document.addEventListener("visibilitychange", refreshAtOnce);
  });
  onUnmounted(() => {
    clearInterval(timer);
    removeEventListener("online", refreshAtOnce);
    document.removeEventListener("visibilitychange", refreshAtOnce);
  });
  watch(shownPerson, () => void open(), { immediate: true });
  watch(isOpen, () => void sign());

  return { now, verdict, text, until, opening, isOpen, isOpening, error, refresh };
}
