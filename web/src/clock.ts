/** The one place that reads the clock, and how times are shown: always in Beijing time. */

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

const ZONE = "Asia/Shanghai";

export function showTime(seconds: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hour12: false }).format(
    seconds * 1000,
  );
}

export function showDate(seconds: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: ZONE, dateStyle: "medium" }).format(seconds * 1000);
}

export function secondsOf(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

/** Date and time of an instant of the node, such as `2026年11月22日 08:05`. */
export function showInstant(instant: string, locale: string): string {
  const seconds = secondsOf(instant);
  return `${showDate(seconds, locale)} ${showTime(seconds, locale)}`;
}

const BEIJING_SECONDS = 8 * 3600;

/** An instant as the node reads it. */
export function instantOf(seconds: number): string {
  return `${new Date((seconds + BEIJING_SECONDS) * 1000).toISOString().slice(0, 19)}+08:00`;
}

/** The day in Beijing, such as `2026-11-30`, as date fields take it. */
export function dayOf(seconds: number): string {
  return new Date((seconds + BEIJING_SECONDS) * 1000).toISOString().slice(0, 10);
}

/** The first second after a day such as `2026-11-30`, in Beijing time; `undefined` for what is no day. */
export function endOfDay(day: string): number | undefined {
  const start = Date.parse(`${day}T00:00:00+08:00`);
  return Number.isNaN(start) ? undefined : start / 1000 + 24 * 3600;
}
