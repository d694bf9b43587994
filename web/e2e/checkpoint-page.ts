/** The checkpoint page as staff uses it. */

import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { profile } from "./browser";
import { PASSWORD } from "./node";

/** Where the pages are served. */
interface Served {
  readonly url: string;
}

export interface Chosen {
  placeClass: string;
  level?: "low" | "medium" | "high";
  temperature?: boolean;
}

export class CheckpointPage {
  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {}

  /** Opens the page in a fresh profile whose clock stands at `now`. */
  static async open(browser: Browser, site: Served, now: number, width = 360, locale = "en"): Promise<CheckpointPage> {
    const context = await profile(browser, { viewport: { width, height: width < 600 ? 780 : 800 }, locale });
    const page = await context.newPage();
    await page.clock.setFixedTime(now * 1000);
    await page.goto(`${site.url}/checkpoint/`);
    return new CheckpointPage(page, context);
  }

  /** Opens the page, chooses the place and waits for the lists. */
  static async at(browser: Browser, site: Served, now: number, chosen: Chosen, width = 360, locale = "en"): Promise<CheckpointPage> {
    const checkpoint = await CheckpointPage.open(browser, site, now, width, locale);
    await checkpoint.choose(chosen);
    await checkpoint.list("status").waitFor();
    return checkpoint;
  }

  async choose({ placeClass, level = "medium", temperature = false }: Chosen): Promise<void> {
    const { page } = this;
    await page.locator(`input[name=class][value=${placeClass}]`).check();
    await page.locator(`input[name=level][value=${level}]`).check();
    if (level !== "low") {
      if (temperature) await page.locator("input[name=temperature]").check();
      await page.locator("input[name=basis]").fill("鄂防指发〔2020〕83 号");
      await page.locator("input[name=until]").fill("2999-12-31");
    }
    await page.locator("form:has(input[name=class]) button[type=submit]").click();
  }

  /** Loads the place on record with this number. */
  async load(place: string): Promise<void> {
    await this.page.locator("input[name=number]").fill(place);
    await this.page.locator("form:has(input[name=number]) button").click();
  }

  /** Looks up somebody who shows a passport and no code. */
  async lookUpPassport(issuer: string, number: string): Promise<void> {
    const panel = this.page.locator("[data-look-up]");
    await panel.locator("select[name=kind]").selectOption("20");
    await panel.locator("select[name=issuer]").selectOption(issuer);
    await panel.locator("input[name=number]").fill(number);
    await panel.locator("input[name=consent]").check();
    await panel.getByRole("button").click();
    await panel.locator("[data-told]").waitFor();
  }

  list(name: "trust" | "status"): Locator {
    return this.page.locator(`[data-list=${name}][data-state]:not([data-state=missing])`);
  }

  async setClock(now: number): Promise<void> {
    await this.page.clock.setFixedTime(now * 1000);
  }

  /** Waits until the page would open without a network. */
  async installed(): Promise<void> {
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }

  /** Switches the network off and opens the page again. */
  async goOffline(): Promise<void> {
    await this.installed();
    await this.context.setOffline(true);
    await this.page.reload();
    await this.list("status").waitFor();
  }

  /** Signs staff in, which filing a temperature needs. */
  async signIn(account: string): Promise<void> {
    const details = this.page.locator("details:has(input[name=account])");
    await details.locator("summary").click();
    await details.locator("input[name=account]").fill(account);
    await details.locator("input[name=password]").fill(PASSWORD);
    await details.locator("button").click();
  }

  async startCamera(): Promise<void> {
    await this.page.locator("button.primary.wide").click();
  }

  async enter(text: string): Promise<void> {
    const details = this.page.locator("details:has(textarea)");
    if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
    await this.page.locator("textarea").fill(text);
    await this.page.locator("details:has(textarea) button").click();
  }

  /** Waits for the answer and gives what it says. */
  async answer(): Promise<{ decision: string; help: string | undefined; text: string }> {
    const answer = this.page.locator("[data-answer]");
    await answer.waitFor();
    return {
      decision: (await answer.getAttribute("data-answer")) ?? "",
      help: (await answer.getAttribute("data-help")) ?? undefined,
      text: await answer.innerText(),
    };
  }

  /** Waits until the answer is this one. */
  async answered(decision: string): Promise<void> {
    await this.page.locator(`[data-answer=${decision}]`).waitFor();
  }

  async next(): Promise<void> {
    await this.page.locator("[data-answer] .next").click();
    await this.page.locator("[data-answer]").waitFor({ state: "detached" });
  }

  /** Types a reading on the keypad, such as 372 for 37.2 degrees. */
  async measure(reading: string): Promise<void> {
    for (const digit of reading) await this.page.locator(".keys").getByRole("button", { name: digit, exact: true }).click();
    await this.page.locator(".keys .confirm").click();
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
