/** Evaluates the published rules with the reference implementation; prints how often in a second of processor time. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "certlogic-js";

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)],
  );
const read = (path) => JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));

const tests = files(process.argv[2])
  .filter((path) => path.endsWith("rule.json"))
  .flatMap((path) => {
    const logic = read(path).Logic;
    return files(path.replace(/rule\.json$/, "tests")).map((test) => ({ logic, ...read(test) }));
  });
const round = () => {
  let right = 0;
  for (const { logic, payload, external, expected } of tests) right += evaluate(logic, { payload, external }) === expected;
  return right;
};
const right = round();
for (const end = process.cpuUsage().user + 1e6; process.cpuUsage().user < end; ) round();
const rates = Array.from({ length: 5 }, () => {
  const begun = process.cpuUsage();
  let rounds = 0;
  do {
    round();
    rounds += 1;
  } while (process.cpuUsage(begun).user < 300_000);
  const { user, system } = process.cpuUsage(begun);
  return (rounds * tests.length * 1e6) / (user + system);
});
console.log(JSON.stringify({ tests: tests.length, right, rate: rates.sort((a, b) => a - b)[2] }));
