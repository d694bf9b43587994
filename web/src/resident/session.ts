/** Who is signed in on this phone, and whose record the pages show. */

import { computed, reactive } from "vue";
import { Problem, Unreachable } from "../api/client";
import { type Me, readMe, type Whose } from "./api";
import { forgetAll, readOne, write } from "./code/database";
import { dropDraft } from "./form/draft";

interface Session {
  /** `proven`: an address is proven, but its holder has not registered. */
  state: "unknown" | "none" | "proven" | "registered";
  me: Me | undefined;
  /** The person whose code is shown; the holder unless a dependent was chosen. */
  shown: string | undefined;
  isOffline: boolean;
}

export const session: Session = reactive({ state: "unknown", me: undefined, shown: undefined, isOffline: false });

const ME = "me";

/** Asks who is signed in; without a network the page goes on with whom it knew last. */
export async function refreshSession(): Promise<void> {
  try {
    const me = await readMe();
    await write("people", ME, me);
    Object.assign(session, { state: "registered", me, isOffline: false });
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof Problem && error.status >= 500)) {
      const me = await readOne<Me>("people", ME);
      Object.assign(session, { state: me ? "registered" : "unknown", me, isOffline: true });
    } else if (error instanceof Problem) {
      const state = error.document.code === "not-registered" ? "proven" : "none";
      Object.assign(session, { state, me: undefined, shown: undefined, isOffline: false });
    } else {
      throw error;
    }
  }
}

/** The name that this page knows the shown person by. */
export const shownName = computed(() => {
  const dependent = session.me?.dependents.find((dependent) => dependent.person === session.shown);
  return dependent ? dependent.name : session.me?.name;
});

/** Whose record the pages show. */
export const whose = computed<Whose>(() => {
  const isDependent = session.me?.dependents.some((dependent) => dependent.person === session.shown);
  return isDependent ? { person: session.shown as string } : "me";
});

export const shownPerson = computed(() => (whose.value === "me" ? session.me?.person : whose.value.person));

/** Forgets everything that this phone keeps of its holder. */
export async function forgetHolder(): Promise<void> {
  await forgetAll();
  dropDraft(localStorage);
  Object.assign(session, { state: "none", me: undefined, shown: undefined });
}
