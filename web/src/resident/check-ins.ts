/** Check-ins that wait on this phone until the node has received them. */

import { idempotencyKey, Problem, Unreachable } from "../api/client";
import { nowSeconds } from "../clock";
import type { Seconds } from "../verify/values";
import { checkIn, type Filed, type Symptom, type Whose } from "./api";
import { readAll, remove, write } from "./code/database";

export interface WaitingCheckIn {
  /** Sent with every try, so that it is recorded once. */
  readonly key: string;
  readonly whose: Whose;
  readonly symptoms: readonly Symptom[];
  readonly made: Seconds;
}

/** What became of the check-ins that waited. */
export interface Delivery {
  readonly received: readonly { readonly waiting: WaitingCheckIn; readonly filed: Filed }[];
  /** The node refuses them for good; they wait no longer. */
  readonly refused: readonly { readonly waiting: WaitingCheckIn; readonly problem: Problem }[];
  readonly waiting: readonly WaitingCheckIn[];
}

export async function saveCheckIn(whose: Whose, symptoms: readonly Symptom[], made: Seconds): Promise<void> {
  const waiting: WaitingCheckIn = { key: idempotencyKey(), whose: plain(whose), symptoms: [...symptoms], made };
  await write("check-ins", waiting.key, waiting);
}

export async function waitingCheckIns(): Promise<WaitingCheckIn[]> {
  const all = await readAll<WaitingCheckIn>("check-ins");
  return all.sort((a, b) => a.made - b.made);
}

/** Sends what waits, the oldest first; stops where no answer comes. */
export async function deliver(): Promise<Delivery> {
  const received = [];
  const refused = [];
  for (const waiting of await waitingCheckIns()) {
    try {
      received.push({ waiting, filed: await checkIn(waiting.whose, told(waiting), waiting.key) });
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
      if (error instanceof Unreachable || error.mayPassLater) break;
      refused.push({ waiting, problem: error });
    }
    await remove("check-ins", waiting.key);
  }
  return { received, refused, waiting: await waitingCheckIns() };
}

/** Within this time a check-in is one of now, whatever the clock of this phone shows. */
const AT_ONCE: Seconds = 60;

/** What is sent: when it was made only if it had to wait. */
function told({ symptoms, made }: WaitingCheckIn): { symptoms: readonly Symptom[]; made: Seconds | undefined } {
  return { symptoms, made: nowSeconds() - made < AT_ONCE ? undefined : made };
}

/** A copy without the reactive wrapping that a database cannot store. */
function plain(whose: Whose): Whose {
  return whose === "me" ? whose : { person: whose.person };
}
