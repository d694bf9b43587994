/** Builds the program that issues the codes of these tests. */

import { execFileSync } from "node:child_process";
import { ROOT } from "./issuer";

export default function setup(): void {
  execFileSync("cargo", ["build", "--quiet", "--package", "yima"], { cwd: ROOT, stdio: "inherit" });
}
