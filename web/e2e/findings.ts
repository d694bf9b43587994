/** What axe-core finds on a screen. */

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** The serious findings, each with the elements that it is about. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
