/** What the build puts in. */

declare const __BUILT__: number;
declare const __ROOTS__: string;
