/** The place that was chosen on this device, and whether it checks codes. */

import { isChecking, LEVELS, type Place, PLACE_CLASSES, type PlaceClass } from "../verify/place";

/** A place with what staff must know of it. */
export interface Setting {
  readonly place: Place;
  /** The number under which the node knows it; `undefined` for one that was chosen by hand. */
  readonly id: string | undefined;
  /** Whether a thermometer is at hand here. */
  readonly takesTemperature: boolean;
  /** The notice that the check rests on. */
  readonly basis: string;
  /** The first second at which the check has no basis any more. */
  readonly until: number;
}

/** What the node says of a place. */
export interface PlaceDocument {
  readonly class: string;
  readonly level: string;
  /** Whether it stands on the public list of special places; absent means that it does not. */
  readonly listed?: boolean;
  readonly strictness: string;
  readonly staffed: boolean;
  readonly legal_basis: string;
  readonly until: string;
}

/** Reads what the node says of a place; `undefined` for words that are not known here. */
export function settingOf(id: string, document: PlaceDocument, takesTemperature: boolean): Setting | undefined {
  const placeClass = PLACE_CLASSES.find((name) => name === document.class);
  const level = LEVELS.find((name) => name === document.level);
  const until = Date.parse(document.until) / 1000;
  if (!placeClass || !level || Number.isNaN(until)) return undefined;
  return {
    place: {
      class: placeClass,
      level,
      listed: document.listed ?? false,
      strict: document.strictness === "strict",
      attended: document.staffed,
    },
    id,
    takesTemperature,
    basis: document.legal_basis,
    until,
  };
}

/** Why no code is checked, or that codes are. */
export function checkState(setting: Setting, now: number): "checks" | "low" | "ended" {
  if (!isChecking(setting.place)) return "low";
  return now < setting.until ? "checks" : "ended";
}

const STORED = "yima-place";

export function storedSetting(): Setting | undefined {
  const stored = localStorage.getItem(STORED);
  const setting = stored === null ? undefined : (JSON.parse(stored) as Partial<Setting>);
  // What an older version of this page stored is asked for again.
  const isWhole = PLACE_CLASSES.includes(setting?.place?.class as PlaceClass) && setting?.until !== undefined;
  return isWhole ? (setting as Setting) : undefined;
}

export function storeSetting(setting: Setting): void {
  localStorage.setItem(STORED, JSON.stringify(setting));
}
