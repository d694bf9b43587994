/** The files that a page needs to open without a network. */

export interface Shell {
  /** Where the page lives; also the scope of its worker. */
  readonly path: string;
  readonly html: string;
  readonly files: readonly string[];
  /** What the page fetches only when it is used, and has without a network from then on. */
  readonly later: readonly string[];
  /** A hash of all the files. */
  readonly version: string;
}

export type Shells = Record<string, Shell>;
