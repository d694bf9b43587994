/** What the address of the page asks: `/r/610102`, and in its query a name, an instant, and as known when. */

export interface Question {
  /** The code of an area; absent for the whole country. */
  readonly area?: string;
  readonly name?: string;
  /** Local times of Beijing, such as `2022-11-20T08:00`, as time fields give them. */
  readonly at?: string;
  readonly knownAt?: string;
}

const CODE = /^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})(\.\d{1,6})?$/;

export function questionOf(url: URL): Question {
  const [, last = ""] = /^\/r\/([^/]*)$/.exec(url.pathname) ?? [];
  const name = url.searchParams.get("name")?.trim() ?? "";
  // Whoever types a code into the field for names means that area.
  const area = [last, name].find((text) => CODE.test(text));
  const [at, knownAt] = ["at", "known_at"].map((field) => url.searchParams.get(field) ?? "");
  return {
    ...(area && { area }),
    ...(name && !area && { name }),
    ...(at && { at }),
    ...(knownAt && { knownAt }),
  };
}

/** The address at which the page answers this. */
export function addressOf({ area, name, at, knownAt }: Question): string {
  const query = new URLSearchParams();
  if (name) query.set("name", name);
  if (at) query.set("at", at);
  if (knownAt) query.set("known_at", knownAt);
  const text = query.toString();
  return `/r/${area ?? ""}${text && "?"}${text}`;
}

/** Where the node answers it. */
export function requestOf({ area, name, at, knownAt }: Question, after?: string): string {
  const query = new URLSearchParams();
  if (name) query.set("name", name);
  else if (area) query.set("area", area);
  if (at) query.set("at", inBeijing(at));
  if (knownAt) query.set("known_at", inBeijing(knownAt));
  if (after) query.set("after", after);
  return `/v1/risk-levels?${query}`;
}

function inBeijing(local: string): string {
  return `${local.length === "2022-11-20T08:00".length ? `${local}:00` : local}+08:00`;
}
