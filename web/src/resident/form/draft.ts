/** The form of application as it is filled in, and its draft on this phone. */

import type { Application, ContactAnswer, DwellingRole, Health, Symptom } from "../api";
import { carriesBirth } from "./document";
import type { Seconds } from "../../verify/values";

/** The text of the pledge that is shown; another text gets another version. */
export const PLEDGE_VERSION = "2026-11";

/** An address as it is filled in; the area is the nearest listed one, the text says the rest. */
export interface DwellingDraft {
  role: DwellingRole;
  area: string;
  /** The name of a place in that area which the list does not have; absent in drafts of an earlier form. */
  place?: string | undefined;
  text: string;
}

/** Where somebody came from: an area, or `abroad`, and the day of arrival. */
export interface OriginDraft {
  from: string;
  day: string;
}

export interface HealthDraft {
  /** `undefined` until the question is answered; no answer is assumed. */
  hasSymptoms: boolean | undefined;
  symptoms: Symptom[];
  contact: ContactAnswer | undefined;
  onDuty: boolean;
}

export interface Draft {
  kind: number;
  issuer: string;
  number: string;
  name: string;
  /** Such as 1990-01-31; empty if the number carries it, or the document does not say. */
  birth: string;
  dwellings: DwellingDraft[];
  health: HealthDraft;
  hasOrigins: boolean | undefined;
  origins: OriginDraft[];
  pledged: boolean;
}

export const ABROAD = "abroad";
export const PASSPORT = 20;
export const OTHER_DOCUMENT = 99;

export function emptyHealth(): HealthDraft {
  return { hasSymptoms: undefined, symptoms: [], contact: undefined, onDuty: false };
}

export function emptyDwelling(role: DwellingRole): DwellingDraft {
  return { role, area: "", place: "", text: "" };
}

export function emptyDraft(): Draft {
  return {
    kind: 10,
    issuer: "",
    number: "",
    name: "",
    birth: "",
    dwellings: [emptyDwelling("home")],
    health: emptyHealth(),
    hasOrigins: undefined,
    origins: [],
    pledged: false,
  };
}

export function isUntouched(draft: Draft): boolean {
  return JSON.stringify(draft) === JSON.stringify(emptyDraft());
}

/** What is missing from a form, as keys under `missing`. */
export type Missing = "number" | "issuer" | "name" | "area" | "symptoms" | "contact" | "origins" | "pledge";

export function missingFrom(draft: Draft): Missing[] {
  const missing: [Missing, boolean][] = [
    ["issuer", draft.kind === PASSPORT && draft.issuer === ""],
    ["number", draft.number.trim() === ""],
    ["name", draft.name.trim() === ""],
    ["area", draft.dwellings.some((dwelling) => dwelling.area === "")],
    ["origins", draft.hasOrigins === undefined || (draft.hasOrigins && !draft.origins.every(isComplete))],
    ["pledge", !draft.pledged],
  ];
  return [...missing.filter(([, isMissing]) => isMissing).map(([name]) => name), ...missingFromHealth(draft.health)];
}

export function missingFromHealth(health: HealthDraft): Missing[] {
  const isTold = health.hasSymptoms === false || (health.hasSymptoms === true && health.symptoms.length > 0);
  return [...(isTold ? [] : (["symptoms"] as const)), ...(health.contact ? [] : (["contact"] as const))];
}

function isComplete(origin: OriginDraft): boolean {
  return origin.from !== "" && origin.day !== "";
}

/** The form as it is sent; every answer that was given and nothing else. */
export function applicationOf(draft: Draft): Application {
  const takesIssuer = draft.kind === PASSPORT || draft.kind === OTHER_DOCUMENT;
  const dwelling = ({ role, area, place, text }: DwellingDraft) => ({
    role,
    area,
    ...(place?.trim() && { place: place.trim() }),
    ...(text.trim() && { text: text.trim() }),
  });
  const origin = ({ from, day }: OriginDraft) => ({ ...(from !== ABROAD && { from }), arrived: `${day}T00:00:00+08:00` });
  return {
    document: { kind: draft.kind, ...(takesIssuer && draft.issuer && { issuer: draft.issuer }), number: draft.number.trim() },
    name: draft.name.trim(),
    ...(draft.birth && !carriesBirth(draft.kind, draft.number) && { birth: draft.birth }),
    dwellings: draft.dwellings.map(dwelling),
    declaration: { ...healthOf(draft.health), origins: draft.hasOrigins ? draft.origins.map(origin) : [] },
    pledge: { version: PLEDGE_VERSION, accepted: true },
  };
}

/** The answers of a form from which nothing is missing. */
export function healthOf({ hasSymptoms, symptoms, contact, onDuty }: HealthDraft): Health {
  if (hasSymptoms === undefined || contact === undefined) throw new Error("a form was sent that is not complete");
  return { symptoms: hasSymptoms ? [...symptoms] : [], contact, on_duty: onDuty };
}

/** The form that begins with what is stored. */
export function healthFrom(stored: Health): HealthDraft {
  return {
    hasSymptoms: stored.symptoms.length > 0,
    symptoms: [...stored.symptoms],
    contact: stored.contact,
    onDuty: stored.on_duty,
  };
}

const STORED = "yima-draft";
const KEPT_SECONDS = 7 * 24 * 3600;

/** Where drafts are kept: the storage of the browser. */
type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function saveDraft(storage: DraftStorage, draft: Draft, now: Seconds): void {
  storage.setItem(STORED, JSON.stringify({ saved: now, draft: { ...draft, pledged: false } }));
}

/** The draft of this phone, unless it is a week old or from another version of the form. */
export function loadDraft(storage: DraftStorage, now: Seconds): Draft | undefined {
  const text = storage.getItem(STORED);
  if (text === null) return undefined;
  const found = parse(text);
  if (found && now - found.saved < KEPT_SECONDS) return found.draft;
  dropDraft(storage);
  return undefined;
}

export function dropDraft(storage: DraftStorage): void {
  storage.removeItem(STORED);
}

function parse(text: string): { saved: Seconds; draft: Draft } | undefined {
  try {
    const { saved, draft } = JSON.parse(text) as { saved: unknown; draft: object };
    const hasOurFields = Object.keys(emptyDraft()).every((field) => field in draft);
    return typeof saved === "number" && hasOurFields ? { saved, draft: draft as Draft } : undefined;
  } catch {
    return undefined;
  }
}
