/** The picture of a code: one segment, alphanumeric where the text allows it, level M, four white modules around. */

import qrcode from "qrcode-generator";

/** A square of modules as a path for SVG: one unit for each module, the margin included in `size`. */
export interface QrPicture {
  readonly size: number;
  readonly path: string;
}

const MARGIN = 4;
const ALPHANUMERIC = /^[0-9A-Z $%*+\-./:]*$/;

export function qrPicture(text: string): QrPicture {
  const qr = qrcode(0, "M");
  qr.addData(text, ALPHANUMERIC.test(text) ? "Alphanumeric" : "Byte");
  qr.make();
  const modules = qr.getModuleCount();
  let path = "";
  for (let row = 0; row < modules; row++) {
    for (let column = 0; column < modules; column++) {
      if (!qr.isDark(row, column)) continue;
      let width = 1;
      while (column + width < modules && qr.isDark(row, column + width)) width++;
      path += `M${column + MARGIN} ${row + MARGIN}h${width}v1h-${width}z`;
      column += width;
    }
  }
  return { size: modules + 2 * MARGIN, path };
}
