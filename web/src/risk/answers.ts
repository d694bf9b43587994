/** The list of risk areas as the node answers it, and the last answers kept on the phone for when there is no network. */

import { getJson, Unreachable } from "../api/client";

export type Level = "high" | "medium" | "low";

interface Named {
  readonly code: string;
  readonly full_name: string;
}

export interface Place {
  readonly fact: string;
  readonly level: Level;
  readonly areas: readonly Named[];
  readonly except: readonly Named[];
  readonly from: string | null;
  readonly until: string | null;
  readonly confirmed: boolean;
}

export interface AreaRisk extends Named {
  readonly name: string;
  readonly level: Level;
  readonly place: Place | null;
  readonly counts: Counts;
}

interface Counts {
  readonly high: number;
  readonly medium: number;
}

export interface Risk {
  readonly at: string;
  readonly known_at: string;
  readonly as_of: { readonly instant: string; readonly changed: string | null };
  readonly area: AreaRisk | null;
  readonly counts: Counts;
  readonly below: readonly AreaRisk[];
  readonly places: readonly Place[];
  readonly more: string | null;
}

/** An answer, and whether it is an earlier one because the node is away. */
export interface Answer {
  readonly risk: Risk;
  readonly isKept: boolean;
}

const KEPT = "yima-risk-areas";
const KEPT_MAX = 12;

export async function answerTo(request: string): Promise<Answer> {
  try {
    const risk = await getJson<Risk>(request);
    keep(request, risk);
    return { risk, isKept: false };
  } catch (error) {
    const [, risk] = kept().find(([known]) => known === request) ?? [];
    if (!(error instanceof Unreachable) || !risk) throw error;
    return { risk, isKept: true };
  }
}

function keep(request: string, risk: Risk): void {
  const others = kept().filter(([known]) => known !== request);
  try {
    localStorage.setItem(KEPT, JSON.stringify([[request, risk], ...others].slice(0, KEPT_MAX)));
  } catch {
    // A phone without room for it shows the list all the same.
    localStorage.removeItem(KEPT);
  }
}

function kept(): [string, Risk][] {
  return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as [string, Risk][];
}
