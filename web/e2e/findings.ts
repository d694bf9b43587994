/** What axe-core finds on a screen, and what does not fit on it. */

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** The serious findings, each with the elements that it is about. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** What is cut off at the side, wherever it lies; a panel over the page hides it from the width of the page. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isOut = ({ left, right, width }: DOMRect) => width > 0 && (left < -1 || right > innerWidth + 1);
    const all = [...document.body.querySelectorAll("*")].filter((element) => isOut(element.getBoundingClientRect()));
    return all.map((element) => element.outerHTML.slice(0, 120));
  });
}
