/** Tests of the layers below a code, from the standards and the bounds of docs/CODE.md. */

import { describe, expect, test } from "vitest";
import { decodeBase45 } from "./base45";
import { fromHex, toBase64Url, toHex, utf8 } from "./bytes";
import { decodeCbor, encodeBytes, Tagged } from "./cbor";
import { decide, isChecking, PLACE_CLASSES, type Place } from "./place";
import { Refused } from "./refusal";
import { Seen } from "./seen";
import { parseRoots, rootsText } from "./trust-list";

function reasonOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error instanceof Refused ? error.reason : error;
  }
}

describe("base45", () => {
  test.each([
    ["", ""],
    ["BB8", "AB"],
    ["%69 VD92EX0", "Hello!!"],
    ["UJCLQE7W581", "base-45"],
    ["QED8WEX0", "ietf!"],
  ])("%j is the example of the RFC", (text, plain) => {
    expect(decodeBase45(text)).toEqual(utf8(plain));
  });

  test.each(["A", "BB8A", "GGW", "::", ":::", "bb8", "BB8\n", "ＢＢ8", "B_8"])("%j is refused", (text) => {
    expect(reasonOf(() => decodeBase45(text))).toBe("base45_invalid");
  });

  test("the largest groups are read", () => {
    expect(toHex(decodeBase45("FGW"))).toBe("ffff");
    expect(toHex(decodeBase45("U5"))).toBe("ff");
  });
});

describe("CBOR", () => {
  test.each([
    ["00", 0],
    ["1818", 24],
    ["1bffffffffffffffff", 0xffffffffffffffffn],
    ["20", -1],
    ["3bffffffffffffffff", -0x10000000000000000n],
    ["63e6988e", "明"],
    ["63efbbbf", "\ufeff"],
    ["83f4f5f6", [false, true, null]],
    ["c101", new Tagged(1, 1)],
  ])("%s is read", (hex, item) => {
    expect(decodeCbor(fromHex(hex) ?? Uint8Array.of())).toEqual(item);
  });

  test.each([
    ["", "truncated"],
    ["18", "truncated"],
    ["1817", "not_canonical"],
    ["1900ff", "not_canonical"],
    ["1a0000ffff", "not_canonical"],
    ["1b00000000ffffffff", "not_canonical"],
    ["5f", "indefinite_length"],
    ["7f", "indefinite_length"],
    ["9f", "indefinite_length"],
    ["bf", "indefinite_length"],
    ["1c", "unsupported_item"],
    ["f7", "unsupported_item"],
    ["f93c00", "unsupported_item"],
    ["f9", "unsupported_item"],
    ["ff", "unsupported_item"],
    ["1f", "unsupported_item"],
    ["3f", "unsupported_item"],
    ["df", "unsupported_item"],
    ["61ff", "unsupported_item"],
    ["63eda080", "unsupported_item"],
    ["42ff", "truncated"],
    ["5bffffffffffffffff", "truncated"],
    ["9bffffffffffffffff", "truncated"],
    ["a201000100", "duplicate_key"],
    ["a202000100", "not_canonical"],
    ["a3010002000100", "duplicate_key"],
    ["a220000100", "not_canonical"],
    ["0000", "trailing_bytes"],
    [`${"81".repeat(16)}00`, "too_deep"],
    [`991000${"00".repeat(4096)}`, "too_many_items"],
  ])("%.40s is refused as %s", (hex, reason) => {
    expect(reasonOf(() => decodeCbor(fromHex(hex) ?? Uint8Array.of()))).toBe(reason);
  });

  test("both limits are themselves allowed", () => {
    for (const hex of [`${"81".repeat(15)}00`, `990fff${"00".repeat(4095)}`]) {
      expect(Array.isArray(decodeCbor(fromHex(hex) ?? Uint8Array.of()))).toBe(true);
    }
  });

  test.each([
    [0, "40"],
    [24, "5818"],
    [256, "590100"],
    [65536, "5a00010000"],
  ])("a byte string of %i begins with its shortest head", (length, head) => {
    expect(toHex(encodeBytes(new Uint8Array(length)).subarray(0, head.length / 2))).toBe(head);
  });
});

describe("places", () => {
  const place: Place = { class: "venue", level: "low", listed: false, strict: false, attended: true };

  test("in a low-risk area only listed places check", () => {
    for (const name of PLACE_CLASSES) {
      expect(isChecking({ ...place, class: name })).toBe(false);
      expect(isChecking({ ...place, class: name, listed: true })).toBe(true);
      expect(isChecking({ ...place, class: name, level: "medium" })).toBe(true);
    }
  });

  test("no refusal of any kind stops somebody before care, home or court", () => {
    for (const name of PLACE_CLASSES.slice(4)) {
      const there: Place = { ...place, class: name, level: "high" };
      for (const reason of ["not_ours", "signature_invalid", "replayed", "status_fallen", "expired"] as const) {
        expect(decide(there, { kind: "refused", reason })).toBe("lane");
      }
    }
  });
});

describe("presentations that were seen", () => {
  const id = (number: number) => Uint8Array.of(number >> 8, number & 255);

  test("one is known until nobody could show it again", () => {
    const seen = new Seen();
    seen.add(id(1), 1000, 1000);
    seen.add(id(2), 1000, 1060);
    expect(seen.has(id(1), 1000)).toBe(true);
    seen.add(id(2), 1061, 1061);
    expect(seen.has(id(1), 1000)).toBe(false);
  });

  test("the memory is bounded", () => {
    const seen = new Seen();
    for (let number = 0; number < 5000; number++) seen.add(id(number), 1000, 1000);
    expect(seen.size).toBe(4096);
    expect(seen.has(id(4999), 1000)).toBe(true);
  });
});

describe("pinned roots", () => {
  const point = "9193273a34a783a4876acdaa86356016b29a5fd5913ee90531aabdb5d9c22728b37106905274e9320df2851b131033aa40418bc6f719b4454af7d55636e3fd42";

  test("are read with comments, and written again", () => {
    const roots = parseRoots(`# roots\n\ntest ${point} # the first\n`);
    expect(roots && rootsText(roots)).toBe(`test ${point}\n`);
  });

  test.each([
    "",
    "# nothing",
    `staging ${point}`,
    `test ${point.slice(2)}`,
    `test ${point} more`,
    `test ${"0".repeat(128)}`,
    `test ${point}\nproduction ${point}`,
  ])("%.20j is refused", (text) => {
    expect(parseRoots(text)).toBeUndefined();
  });
});

test("base64url has no padding and no other alphabet", () => {
  expect(toBase64Url(Uint8Array.of(0xfb, 0xff))).toBe("-_8");
});
