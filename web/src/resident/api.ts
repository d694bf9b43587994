/** What the resident page asks of the node, and what the node answers. */

import { deleteAt, getJson, postForFile, postJson, putJson } from "../api/client";
import { instantOf } from "../clock";
import type { Texts } from "../i18n/texts";
import type { Colour, Relation } from "../verify/claims";
import type { Seconds } from "../verify/values";

export type Channel = "phone" | "email" | "desk";
export type Cause = "not-opened" | "not-compared" | "check-in-lapsed" | "binding-expired";

export interface Me {
  readonly person: string;
  readonly name: string | null;
  readonly documents: readonly { readonly kind: number; readonly tail: string }[];
  readonly binding: { readonly channel: string; readonly expires: string; readonly expired: boolean } | null;
  readonly dependents: readonly Dependent[];
}

export interface Dependent {
  readonly person: string;
  readonly name: string | null;
  readonly relation: Relation;
  readonly until: string | null;
}

export interface Evidence {
  readonly id: string;
  readonly kind: string;
  readonly source: string;
  readonly at: string;
  readonly own: boolean;
}

export interface Ground {
  readonly rule: string;
  readonly colour: Colour;
  readonly class: "risk" | "administrative";
  readonly cause?: Cause;
  readonly from: string | null;
  readonly until: string | null;
  readonly reason: Texts;
  readonly guide: Texts;
  readonly clears: Texts;
  readonly source: string;
  readonly facts: readonly Evidence[];
  /** For each count that would clear it, how far it has come; absent where nothing is counted. */
  readonly progress?: readonly { readonly done: number; readonly wanted: number }[];
}

export interface Verdict {
  readonly person: string;
  readonly at: string;
  readonly colour: Colour;
  readonly cause: Cause | null;
  readonly in_force: boolean;
  readonly pack: string | null;
  readonly grounds: readonly Ground[];
  readonly next_change: string | null;
  readonly as_of: { readonly instant: string };
  readonly call: Texts | null;
  /** Where the review of the first application stands; absent where none is ordered. */
  readonly review?: { readonly state: "waiting" | "reviewed" | "not-reviewed"; readonly deadline: string } | null;
  readonly behind: boolean;
}

export interface Step {
  readonly from: string;
  readonly until: string | null;
  readonly colour: Colour;
  readonly in_force: boolean;
  readonly rules: readonly string[];
}

export interface IssuedCode {
  readonly credential: string;
  readonly expires: string;
  readonly opening: { readonly salt: string; readonly character: string; readonly day: number } | null;
}

export interface Area {
  readonly code: string;
  readonly name: string;
  readonly full_name: string;
  readonly leaf: boolean;
}

export const SYMPTOMS = ["fever", "fatigue", "cough", "diarrhoea", "conjunctivitis", "breathlessness"] as const;
export type Symptom = (typeof SYMPTOMS)[number];
export type ContactAnswer = "no" | "yes" | "unknown";
export type DwellingRole = "home" | "present" | "workplace";

/** Health and history, as declared. */
export interface Health {
  readonly symptoms: readonly Symptom[];
  readonly contact: ContactAnswer;
  readonly on_duty: boolean;
}

/** A form of application as it is sent. */
export interface Application {
  readonly document: { readonly kind: number; readonly issuer?: string; readonly number: string };
  readonly name: string;
  /** Such as 1990-01-31, where the number does not carry it. */
  readonly birth?: string;
  readonly dwellings: readonly Omit<AddressRequest, "until">[];
  readonly declaration: Health & { readonly origins: readonly { readonly from?: string; readonly arrived: string }[] };
  readonly pledge: { readonly version: string; readonly accepted: true };
}

export interface Declaration extends Health {
  readonly fact: string;
  readonly at: string;
  readonly recorded: string;
  readonly source: string;
  readonly replaces?: string;
  readonly stands: boolean;
}

/** An address as it was given, once. */
export interface Address {
  readonly fact: string;
  readonly role: DwellingRole;
  readonly area: string;
  readonly full_name: string | null;
  readonly from: string | null;
  /** When the holder left, or plans to; `null` if nobody knows. */
  readonly until: string | null;
  readonly recorded: string;
  readonly source: string;
  readonly stands: boolean;
}

/** An address as it is sent. */
export interface AddressRequest {
  readonly role: DwellingRole;
  readonly area: string;
  /** The name of a place in that area which no list has; operators see it and list it. */
  readonly place?: string;
  readonly text?: string;
  /** When its holder plans to leave, or `unknown`. */
  readonly until?: string;
}

/** Exactly what is stored. */
export interface Receipt {
  readonly name: string | null;
  readonly documents: readonly { readonly kind: number; readonly issuer: string | null; readonly number: string }[];
  readonly birth: { readonly date: string; readonly source: "document" | "desk" | "stated" } | null;
  readonly dwellings: readonly {
    readonly role: DwellingRole;
    readonly area: string;
    readonly full_name: string | null;
    readonly text: string | null;
  }[];
  readonly declarations: readonly Declaration[];
  readonly origins: readonly { readonly from: string | null; readonly to: string; readonly arrived: string }[];
  readonly pledge: { readonly version: string; readonly at: string } | null;
}

export interface Filed {
  readonly facts: readonly string[];
  readonly position: string;
  readonly recorded: string;
}

export interface Look {
  readonly at: string;
  readonly role: string;
  readonly account: string | null;
  readonly action: string;
  /** The place of a look-up at an entrance, for 28 days. */
  readonly place: string | null;
}

export interface SignIn {
  readonly id: string;
  readonly current: boolean;
  readonly created: string;
  readonly expires: string;
}

export interface PaperCode {
  readonly text: string;
  readonly serial: number;
  readonly name: string;
  readonly guardian: { readonly name: string; readonly relation: Relation } | null;
  readonly expires: string;
}

export const PAPER_LAYOUTS = ["fold", "cards", "receipt"] as const;
export type PaperLayout = (typeof PAPER_LAYOUTS)[number];

/** Whose record is meant: the own one, or that of a dependent by its id. */
export type Whose = "me" | { readonly person: string };

function record(whose: Whose, path: string): string {
  return whose === "me" ? `/v1/me/${path}` : `/v1/dependents/${whose.person}/${path}`;
}

export const readMe = () => getJson<Me>("/v1/me");
export const readReceipt = () => getJson<Receipt>("/v1/me/receipt");

export const beginBinding = (channel: Channel, address: string | undefined) =>
  postJson<{ binding: string; expires: string; next_attempt: string }>("/v1/bindings", { channel, ...(address && { address }) });
export const confirmBinding = (binding: string, code: string) =>
  postJson<{ person: string | null; expires: string }>(`/v1/bindings/${binding}/confirm`, { code });

export const apply = (application: Application, key: string) =>
  postJson<{ person: string; receipt: Receipt; position: string }>("/v1/residents", application, key);

export const readDeclarations = (whose: Whose) => getJson<Declaration[]>(record(whose, "declarations"));
export const declare = (whose: Whose, health: Health, key: string) =>
  postJson<Filed>(record(whose, "declarations"), health, key);
export const amend = (whose: Whose, fact: string, health: Health, key: string) =>
  putJson<Filed>(record(whose, `declarations/${fact}`), health, key);
/** Sends a check-in; it counts from when it was made, which may be up to two days ago where there was no network. */
export const checkIn = (
  whose: Whose,
  { symptoms, made }: { symptoms: readonly Symptom[]; made: Seconds | undefined },
  key: string,
) => postJson<Filed>(record(whose, "check-ins"), { symptoms, ...(made && { made: instantOf(made) }) }, key);

export const readAddresses = (whose: Whose) => getJson<Address[]>(record(whose, "dwellings"));
export const moveTo = (whose: Whose, address: AddressRequest, key: string) =>
  postJson<Filed>(record(whose, "dwellings"), address, key);
export const correctAddress = (whose: Whose, fact: string, address: AddressRequest, key: string) =>
  putJson<Filed>(record(whose, `dwellings/${fact}`), address, key);

export const readVerdict = (whose: Whose) => getJson<Verdict>(record(whose, "verdict"));
export const readTimeline = (whose: Whose) => getJson<{ steps: readonly Step[] }>(record(whose, "timeline"));
export const fetchCodes = (whose: Whose, keys: readonly { x: string; y: string }[]) =>
  postJson<{ codes: readonly IssuedCode[]; verdict: Verdict }>(record(whose, "codes"), { keys });
export const dispute = (whose: Whose, fact: string) =>
  postJson<{ dispute: string; deadline: string }>(record(whose, "disputes"), { fact });
/** A place as the list of risk areas names it. */
export interface ListedPlace {
  readonly code: string;
  readonly full_name: string;
}

/** The medium- and high-risk places that were visited, and arrivals from such places; nothing else of where somebody was. */
export interface RiskVisits {
  readonly visits: readonly {
    readonly level: "medium" | "high";
    readonly areas: readonly ListedPlace[];
    readonly except: readonly ListedPlace[];
    /** Days in Beijing, such as 2020-12-14. */
    readonly first_day: string | null;
    readonly last_day: string | null;
  }[];
  readonly arrivals: readonly {
    readonly level: "medium" | "high";
    readonly to: ListedPlace;
    readonly arrived: string;
    readonly duty: { readonly text: Texts } | null;
  }[];
}

/** Where somebody was, by days in Beijing such as 2020-12-14. */
export interface Trip {
  readonly area: string;
  readonly first_day: string;
  readonly last_day: string;
}

export const declareTrip = (whose: Whose, trip: Trip, key: string) => postJson<Filed>(record(whose, "trips"), trip, key);
/** What is stored centrally of a visit to a venue. */
export interface StoredVisit {
  readonly area: ListedPlace;
  /** When the day begins that is kept. */
  readonly day: string;
  readonly kept_until: string;
  /** Whether it was reported within the minute; else it counts only when an office confirms it. */
  readonly proven: boolean;
}

export const reportVisit = (link: string, key: string) => postJson<StoredVisit>("/v1/me/venue-visits", { link }, key);
export const readRiskVisits = (whose: Whose) => getJson<RiskVisits>(record(whose, "risk-visits"));
export const readLooks = (whose: Whose) => getJson<Look[]>(record(whose, "access-log"));
export const stateBirth = (whose: Whose, birth: string) => putJson<void>(record(whose, "birth-date"), { birth });
export const printPaper = (whose: Whose) => postJson<PaperCode>(record(whose, "paper-codes"), {});
/** Suspends the paper code with this serial number, or lets it count again. */
export const reportPaper = (whose: Whose, serial: number, lost: boolean) =>
  postJson<{ lost: boolean }>(record(whose, "paper-losses"), { serial, lost });
/** Makes a paper code as PDF: A4 to be folded, eight cards, or a receipt of 58 mm. */
export const printPdf = (whose: Whose, layout: PaperLayout, language: string) =>
  postForFile(`${record(whose, "paper-codes")}?layout=${layout}&language=${language}`, {});

export const addDependent = (proof: string, key: string) => postJson<Filed>("/v1/me/dependents", { proof }, key);
/** Looks for a child of the same family; the answer tells no number, and never why not. */
export const lookUpChild = (name: string, birth: string, key: string) =>
  postJson<{ answer: "linked" | "come-to-the-desk" }>("/v1/me/dependents/look-up", { name, birth }, key);
export const endCare = (person: string) => deleteAt(`/v1/me/dependents/${person}`);

export const readSignIns = () => getJson<SignIn[]>("/v1/me/sessions");
export const endSignIn = (id: string) => deleteAt(`/v1/me/sessions/${id}`);
export const signOut = () => deleteAt("/v1/session");

export const areasBelow = (parent: string | undefined) =>
  getJson<Area[]>(parent ? `/v1/areas?parent=${parent}` : "/v1/areas");
export const readArea = (code: string) => getJson<Area>(`/v1/areas/${code}`);

/** Where the transport notice of an area stands. */
export interface TransportNotice {
  readonly title: Texts;
  readonly url: string;
}

export const readTransportNotice = (area: string) => getJson<TransportNotice>(`/v1/transport-notices/${area}`);

/** A known defect, or a rule that was clarified. */
export interface Defect {
  readonly id: string;
  readonly text: Texts;
  readonly status: "reported" | "confirmed" | "in-work" | "fixed";
  readonly owner: string;
  readonly reported: string;
  readonly changed: string;
  readonly due: string | null;
  readonly fixed: string | null;
}

export const readDefects = () => getJson<Defect[]>("/v1/known-defects");
