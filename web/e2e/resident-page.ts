/** The resident page as its holder uses it. */

import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { profile } from "./browser";
import type { Document, RunningNode } from "./node";

/** What is filled in beyond the defaults of a resident at home in Xiangyang without symptoms. */
export interface Filled {
  kind?: number;
  issuer?: string;
  number?: string;
  name?: string;
  birth?: string;
  situation?: "atHome" | "visiting" | "away";
  /** Names of areas from the province down, and the free text, by address in the order of the form. */
  dwellings?: { areas: string[]; place?: string; text?: string }[];
  symptoms?: string[];
  contact?: "no" | "yes" | "unknown";
  onDuty?: boolean;
  origin?: { area?: string; day: string };
}

export const XIANGYANG = ["湖北省", "襄阳市", "襄城区"];
/** Where tests clear whoever came from a region on the list. */
export const GUANGZHOU = ["广东省", "广州市", "越秀区"];
/** Where a symptom that somebody declares makes the code red by the rules of the place. */
export const XIAN = ["陕西省", "西安市", "新城区"];

let addresses = 0;

export class ResidentPage {
  /** How many requests of the page have no answer yet. */
  private asked = 0;

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    private readonly node: RunningNode,
    private readonly address: string,
  ) {
    page.on("request", () => this.asked++);
    for (const end of ["requestfinished", "requestfailed"] as const) page.on(end as "requestfinished", () => this.asked--);
  }

  static async open(browser: Browser, node: RunningNode, width = 360, locale = "zh-CN"): Promise<ResidentPage> {
    const viewport = { width, height: width < 600 ? 780 : 860 };
    const context = await profile(browser, { viewport, locale, deviceScaleFactor: width < 600 ? 2 : 1 });
    const page = await context.newPage();
    addresses += 1;
    const resident = new ResidentPage(page, context, node, `resident${addresses}@example.com`);
    await page.goto(node.url);
    return resident;
  }

  /** Opens a page that is bound to an address of its own. */
  static async bound(browser: Browser, node: RunningNode): Promise<ResidentPage> {
    const resident = await ResidentPage.open(browser, node);
    await resident.bind();
    return resident;
  }

  /** Opens a page whose holder has applied. */
  static async registered(browser: Browser, node: RunningNode, filled: Filled = {}): Promise<ResidentPage> {
    const resident = await ResidentPage.bound(browser, node);
    await resident.fill(filled);
    await resident.submit();
    await resident.field("name").waitFor();
    return resident;
  }

  close(): Promise<void> {
    return this.context.close();
  }

  /** Waits until the page would open without a network. */
  async installed(): Promise<void> {
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }

  /** Declares these symptoms today. */
  async declare(symptoms: string[]): Promise<void> {
    await this.go("declare");
    await this.page.locator("input[name=amend]").first().check();
    await this.fillHealth({ symptoms });
    await this.submit();
    await this.page.locator("main section[role=status]").waitFor();
  }

  /** Says when the holder leaves where they are now. */
  async leave(answer: "unknown" | "day" | "left", day?: string): Promise<void> {
    const form = await this.addressForm("form:has(h2):has(input[name=departure])");
    await form.locator(`input[name=departure][value=${answer}]`).check();
    if (day) await form.locator("input[name=departure-day]").fill(day);
    await form.locator("button[type=submit]").click();
    await this.page.locator("main .done").waitFor();
  }

  /** Moves, or corrects an address. */
  async changeAddress(change: string, areas: string[]): Promise<void> {
    const form = await this.addressForm("form:has(input[name=change])");
    await form.locator(`input[name=change][value=${change}]`).check();
    await this.chooseArea(form, areas);
    await form.locator("button[type=submit]").click();
    await this.page.locator("main .done").waitFor();
  }

  /** A form of the screen with the addresses, opened anew. */
  private async addressForm(selector: string): Promise<Locator> {
    await this.go("start");
    await this.page.locator("nav.start").waitFor();
    await this.go("dwellings");
    return this.page.locator(selector);
  }

  /** Adds a child whom a desk has registered, by the one-time code that the desk has printed. */
  async takeInCare(name: string, area?: string): Promise<Document> {
    const document = await this.node.registerAtDesk(name, nextNumber(2018), area);
    const proof = { document, relation: "parent" };
    const { code } = await this.node.post<{ code: string }>("desk", "/v1/desk/one-time-codes", proof);
    await this.go("family");
    await this.page.locator("input[name=proof]").fill(code);
    await this.page.locator("form:has(input[name=proof]) button").click();
    await this.text(name).waitFor();
    return document;
  }

  /** Looks for a child of the family by name and date of birth. */
  async lookUpChild(name: string, birth: string): Promise<void> {
    await this.go("family");
    const form = this.page.locator("form:has(input[name=child])");
    await form.locator("input[name=child]").fill(name);
    await form.locator("input[name=birth]").fill(birth);
    await form.locator("button").click();
  }

  /** Makes the paper code of the only dependent and gives its sheet. */
  async paperOfDependent(): Promise<Locator> {
    await this.go("family");
    await this.page.locator(".member .primary").click();
    await this.page.locator("select[name=whose]").waitFor();
    await this.makePaper();
    const sheet = this.page.locator(".sheet");
    await sheet.waitFor();
    return sheet;
  }

  /** Asks for the paper code of the person who is shown. */
  async makePaper(): Promise<void> {
    await this.go("paper");
    await this.page.locator("main button.primary").click();
  }

  /** Waits until nothing is being fetched. */
  async settled(): Promise<void> {
    const isDrawn = () => this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await isDrawn();
    await expect.poll(() => this.asked).toBe(0);
    await isDrawn();
  }

  async go(screen: string): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, screen);
  }

  /** Proves the address by the code that is sent there. */
  async bind(): Promise<void> {
    const { page } = this;
    await this.go("bind");
    await page.locator("input[name=channel][value=email]").check();
    await page.locator("input[name=address]").fill(this.address);
    await page.locator("button[type=submit]").click();
    await page.locator("input[name=code]").waitFor();
    await this.confirm(this.node.codeSentTo(this.address));
  }

  /** Binds by a code that a desk printed. */
  async bindByDesk(code: string): Promise<void> {
    await this.go("bind");
    await this.page.locator("input[name=channel][value=desk]").check();
    await this.confirm(code);
  }

  private async confirm(code: string): Promise<void> {
    await this.page.locator("input[name=code]").fill(code);
    await this.page.locator("button[type=submit]").click();
    await this.page.locator("main a.wide").waitFor();
  }

  async fill(filled: Filled): Promise<void> {
    const { page } = this;
    await this.go("apply");
    if (filled.situation) await page.locator(`input[name=situation][value=${filled.situation}]`).check();
    const dwellings = page.locator(".dwelling");
    for (const [at, { areas, place, text }] of (filled.dwellings ?? [{ areas: XIANGYANG }]).entries()) {
      await this.chooseArea(dwellings.nth(at), areas);
      if (place) await dwellings.nth(at).locator("input[name=place]").fill(place);
      if (text) await dwellings.nth(at).locator("input[name^=text]").fill(text);
    }
    await page.locator("select[name=kind]").selectOption(String(filled.kind ?? 10));
    if (filled.issuer) await page.locator("select[name=issuer]").selectOption(filled.issuer);
    await page.locator("input[name=number]").fill(filled.number ?? nextNumber());
    await page.locator("input[name=name]").fill(filled.name ?? "王小明");
    if (filled.birth) await page.locator("input[name=birth]").fill(filled.birth);
    await this.fillHealth(filled);
    await page.locator("input[name=origins]").nth(filled.origin ? 1 : 0).check();
    if (filled.origin) {
      const origin = page.locator(".origin");
      if (filled.origin.area) await this.chooseArea(origin, [filled.origin.area]);
      else await origin.locator("input[type=radio]").nth(1).check();
      await origin.locator("input[type=date]").fill(filled.origin.day);
    }
    await page.locator("input[name=pledge]").check();
  }

  async fillHealth({ symptoms = [], contact = "no", onDuty = false }: Filled): Promise<void> {
    const { page } = this;
    await page.locator("input[name=symptoms]").nth(symptoms.length > 0 ? 1 : 0).check();
    for (const symptom of symptoms) await page.locator(`input[name=symptom][value=${symptom}]`).check();
    await page.locator(`input[name=contact][value=${contact}]`).check();
    await page.locator("input[name=on-duty]").setChecked(onDuty);
  }

  async chooseArea(within: Locator, areas: string[]): Promise<void> {
    for (const [at, area] of areas.entries()) await within.locator(`select[name=area-${at}]`).selectOption({ label: area });
  }

  async submit(): Promise<void> {
    await this.page.locator("form button[type=submit]").click();
  }

  /** A field of the receipt, or of what was declared. */
  field(name: string): Locator {
    return this.page.locator(`[data-field=${name}]`).first();
  }

  /** The text of the code on the screen. */
  async code(): Promise<string> {
    const qr = this.page.locator(".card svg.qr");
    await qr.waitFor();
    return (await qr.getAttribute("data-text")) as string;
  }

  /** A picture of the code on the screen. */
  picture(): Promise<Buffer> {
    return this.page.locator(".card svg.qr").screenshot();
  }

  colour(name: "green" | "yellow" | "red" | "grey"): Locator {
    return this.page.locator(`.sign.${name}:not(.small)`);
  }

  text(content: string | RegExp): Locator {
    return this.page.getByText(content).first();
  }

  /** The id of the person who is signed in. */
  async person(): Promise<string> {
    return this.page.evaluate(async () => ((await (await fetch("/v1/me")).json()) as { person: string }).person);
  }
}

let numbers = 100;

/** A resident number that nobody has used in these tests; born on the ninth. */
export function nextNumber(year = 1990): string {
  numbers += 1;
  const digits = `420602${year}0109${numbers}`;
  let sum = 0;
  for (const [at, digit] of [...digits].entries()) sum += Number(digit) * (2 ** (17 - at) % 11);
  return digits + "10X98765432".charAt(sum % 11);
}
