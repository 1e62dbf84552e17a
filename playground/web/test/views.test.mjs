// Every view, in both themes and at two widths: axe finds nothing in it, and a picture of it is kept in ../shots.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { cell, launch, open, ready, replace, serve, settled, without } from "./site.mjs";

const shots = join(import.meta.dirname, "..", "shots");

describe("the views", { skip: without, concurrency: 1 }, () => {
  let browser;
  let site;
  before(async () => {
    await mkdir(shots, { recursive: true });
    browser = await launch();
    site = await serve();
  });
  after(async () => {
    await browser?.close();
    site?.close();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing: ${colorScheme}`, async () => {
      const { tab, complaints } = await open(browser, site.url, { colorScheme, toured: false });
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      // What is on the page beside a view was looked at with the first one.
      const look = async (width, view, part) => {
        const axe = new AxeBuilder({ page: tab }).options({ resultTypes: ["violations"], preload: false }).withTags(tags).setLegacyMode(true); // there are no frames
        if (part) axe.include(part).disableRules(["region"]);
        const { violations } = await axe.analyze();
        assert.deepEqual(violations.map((v) => `${view}, ${width}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3)}`), []);
        await tab.screenshot({ path: join(shots, `${view}-${width}-${colorScheme}.png`) });
      };
      await look("wide", "tour");
      await tab.getByRole("button", { name: "Not now" }).click();
      for (const [width, viewport] of [["wide", { width: 1440, height: 1000 }], ["phone", { width: 390, height: 844 }]]) {
        const room = async (name) => {
          if (width === "phone") await tab.getByRole("button", { name, exact: true }).click();
        };
        const into = (selector) => tab.locator(selector).evaluate((e) => e.scrollIntoView({ block: "start" }));
        await tab.setViewportSize(viewport);
        await tab.evaluate(() => globalThis.rungPlayground.reset());
        await ready(tab);
        await cell(tab, "Rita sends 2,500", "normal").click();
        await settled(tab);
        await tab.evaluate(() => scrollTo(0, 0));
        await look(width, "first");
        for (const who of ["Dora, address not looked up", "Hana pays into a sanctioned country", "Gus, with a passkey"]) {
          await cell(tab, who, "normal").click();
          await settled(tab);
          await into(".answer");
          await look(width, `answer-${who.split(/\W/)[0].toLowerCase()}`, ".answer");
        }
        await tab.getByRole("tab", { name: "JSON" }).click();
        await into(".request");
        await look(width, "json", ".request");
        await room("Policy");
        for (const view of ["Tests", "Module", "Problems"]) {
          await tab.getByRole("tab", { name: new RegExp(`^${view}`) }).click();
          if (view === "Module") {
            await tab.getByRole("button", { name: "Show its text" }).click();
            await tab.locator(".wat").waitFor();
          }
          await settled(tab);
          await into(".below");
          await look(width, view.toLowerCase(), ".below");
        }
        await tab.getByRole("button", { name: "Examples" }).click();
        await look(width, "gallery", "dialog");
        await tab.getByRole("button", { name: /^Retail bank/ }).click();
        await ready(tab);
        await room("People and answers");
        await cell(tab, "Large transfer", "elevated").click();
        await settled(tab);
        await tab.evaluate(() => scrollTo(0, 0));
        await look(width, "bank", ".answers");
        await tab.locator(".rollout .dot").first().waitFor();
        await into(".rollouts");
        await look(width, "rollout", ".rollouts");
        await room("Policy");
        await tab.getByRole("tab", { name: /^transfers/ }).first().click();
        await replace(tab, "param.transfer_limit", "param.transfer_limti");
        await tab.locator(".problem.is-error").first().waitFor({ state: "attached" });
        await tab.evaluate(() => scrollTo(0, 0));
        await look(width, "mistakes", ".source");
        await room("People and answers");
      }
      assert.deepEqual(complaints, []);
      assert.deepEqual(await tab.evaluate(() => globalThis.violations), []);
    });
  }
});
