/** Builds the program that issues the codes of these tests, and the node whose clock can be ahead. */

import { execFileSync } from "node:child_process";
import { ROOT } from "./issuer";

export default function setup(): void {
  for (const what of [["--package", "yima"], ["--package", "yima-node", "--example", "ahead"]]) {
    execFileSync("cargo", ["build", "--quiet", ...what], { cwd: ROOT, stdio: "inherit" });
  }
}
