/** The address of the page, what it asks, and where the node answers. */

import { expect, test } from "vitest";
import { addressOf, questionOf, requestOf } from "./question";

test.each([
  ["/r/", {}, "/v1/risk-levels?"],
  ["/r/610102", { area: "610102" }, "/v1/risk-levels?area=610102"],
  ["/r/610102.500017", { area: "610102.500017" }, "/v1/risk-levels?area=610102.500017"],
  ["/r/?name=%E5%98%89%E5%9B%AD", { name: "嘉园" }, "/v1/risk-levels?name=%E5%98%89%E5%9B%AD"],
  [
    "/r/61?at=2022-11-20T08%3A00&known_at=2022-11-21T00%3A00",
    { area: "61", at: "2022-11-20T08:00", knownAt: "2022-11-21T00:00" },
    "/v1/risk-levels?area=61&at=2022-11-20T08%3A00%3A00%2B08%3A00&known_at=2022-11-21T00%3A00%3A00%2B08%3A00",
  ],
])("%s is one question", (address, question, request) => {
  expect(questionOf(new URL(address, "https://yima.example"))).toEqual(question);
  expect(addressOf(question)).toBe(address);
  expect(requestOf(question)).toBe(request);
});

test("whoever types a code means that area, and what is no code in the path asks for the whole country", () => {
  const asked = (address: string) => questionOf(new URL(address, "https://yima.example"));
  expect(asked("/r/?name=610102&at=&known_at=")).toEqual({ area: "610102" });
  expect(asked("/r/6101?name=610102")).toEqual({ area: "6101" });
  for (const address of ["/r/x", "/r/610", "/r/610102.", "/r/610102/1"]) expect(asked(address)).toEqual({});
});
