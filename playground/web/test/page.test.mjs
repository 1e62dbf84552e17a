// The page as a person uses it, in a real Chromium.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { unzipSync } from "fflate";
import { activeLine, cell, counts, editor, eventually, launch, open, place, ready, replace, says, serve, settled, shared, without } from "./site.mjs";

describe("the page", { skip: without, concurrency: 1 }, () => {
  let browser;
  let site;
  let fresh;
  before(async () => {
    browser = await launch();
    site = await serve();
    fresh = shared(browser, site.url);
  });
  after(async () => {
    await browser?.close();
    site?.close();
  });

  /** The files, by their names, that a button offers: where they lie. */
  const downloads = async (tab, button, ...names) => {
    const coming = names.map((name) => tab.waitForEvent("download", (d) => d.suggestedFilename() === name));
    await tab.getByRole("button", { name: button, exact: true }).click();
    return Promise.all(coming.map(async (d) => (await d).path()));
  };

  /** The draft that the browser keeps. */
  const kept = (tab) => tab.evaluate(() => localStorage.getItem("rung.draft.1") ?? "");

  const visit = (options) => open(browser, site.url, options);
  const clean = async ({ tab, context, complaints }) => {
    assert.deepEqual(complaints, []);
    assert.deepEqual(await tab.evaluate(() => globalThis.violations), []);
    await context.close();
  };

  test("ten people in three postures, both engines of one mind", async () => {
    const page = await fresh();
    await counts(page.tab.locator(".cell"), 30);
    await says(page.tab.locator(".engines"), /agree on all 30 answers/);
    await clean(page);
  });

  test("a rule is changed, and it shows whom it concerns", async () => {
    const page = await fresh();
    const { tab } = page;
    await tab.getByRole("button", { name: "Rita sends 2,500", exact: true }).click();
    await says(tab.locator("#answer-title"), /Step up to code/);
    await replace(tab, "1000.0", "5000.0");
    await says(tab.locator("#answer-title"), /Allow/);
    await says(cell(tab, "Rita sends 2,500", "normal"), /changed$/, "aria-label");
    await says(tab.locator(".people .hint"), /3 answers have changed, all with the last edit/);
    await tab.waitForTimeout(2600); // at least: what follows is another edit
    await replace(tab, ">= 50.0", ">= 350.0");
    await says(tab.locator(".people .hint"), /4 answers have changed, 1 of them with the last edit/);
    await counts(tab.locator(".cell.last"), 1);
    await says(cell(tab, "Cem sends 300 from a new phone", "normal"), /was code, changed$/, "aria-label");
    await tab.getByRole("button", { name: "Take as they are" }).click();
    await counts(tab.locator(".cell.new"), 0);
    await clean(page);
  });

  test("a mistake is underlined at its place, and its suggestion mends it", async () => {
    const page = await fresh();
    const { tab } = page;
    await replace(tab, "resource.amount > 1000.0", "resource.amuont > 1000.0");
    await says(tab.locator(".problem").first(), /amuont.*cel-unknown.*did you mean `amount`\?.*shop\.rung\.hcl:18:25/s);
    await says(tab.locator(".policy .cm-lintRange-error").first(), "amuont");
    await says(tab.locator(".stale-note"), /last answer before them/);
    await tab.locator(".policy .cm-lintRange-error").first().hover();
    await tab.locator(".cm-diagnosticAction").first().click();
    await counts(tab.locator(".problem"), 0);
    await counts(tab.locator(".stale-note"), 0);
    await clean(page);
  });

  test("the answer says why, in words, as a ladder, and in the policy itself", async () => {
    const page = await fresh();
    const { tab } = page;
    await cell(tab, "Rita sends 2,500", "normal").click();
    await settled(tab);
    await says(tab.locator(".ladder"), /proves password, 1 h old. Asked for is code, at most 5 min old/, "aria-label");
    await says(tab.locator(".sentence"), /Authenticate at code, at most 5 min old/);
    await says(tab.locator(".rule-trace.is-applies .nodes").first(), /resource\.amount > 1000\.0 true/);
    await tab.locator(".challenge summary").click();
    await says(tab.locator(".challenge pre"), /insufficient_user_authentication".*acr_values="mfa phr".*max_age="300"/s);
    await tab.getByRole("button", { name: "money.send/large transfer", exact: true }).first().click();
    await says(activeLine(tab), /step_up "large transfer"/);
    await says(tab.locator(".policy .cm-outcome.cm-is-true").first(), "true");
    await tab.getByRole("button", { name: "What would change it?" }).click();
    await says(tab.locator(".changes"), /resource\.amount of at most 1000/);
    await cell(tab, "Dora, address not looked up", "normal").click();
    await settled(tab);
    await says(tab.locator("#answer-title"), /Need/);
    await says(tab.locator(".why"), /pending/);
    await clean(page);
  });

  test("what was absorbed is told from what decided", async () => {
    const page = await fresh();
    const { tab } = page;
    await cell(tab, "Rita sends 2,500", "normal").click();
    await replace(tab, "resource.amount > 1000.0", "device.browser == 'lynx' || resource.amount > 1000.0");
    await says(tab.locator(".rule-trace.is-applies .nodes").first(), /device\.browser == 'lynx' .*absorbed: the whole came out without it/);
    await counts(tab.locator(".absorbed"), 1);
    await clean(page);
  });

  test("tests' coverage stands beside the lines", async () => {
    const page = await fresh();
    const { tab } = page;
    const mark = (text) => tab.locator(`.policy .cm-coverage .cm-seen[title*="${text}"]`);
    await says(mark("resource.amount > 1000.0"), /true (once|\d times), false (once|\d times)/, "title");
    await eventually(async () => assert.deepEqual(await mark("resource.amount > 1000.0").locator("i").evaluateAll((l) => l.map((e) => e.className)), ["yes on", "no on"]));
    await says(mark("reputation < 0.3"), /reputation < 0\.3: never true/, "title");
    await says(mark("reputation < 0.3").locator("i").first(), "yes", "class");
    await mark("reputation < 0.3").click();
    await says(tab.getByRole("tab", { name: /^Tests/ }), "true", "aria-selected");
    await says(tab.locator(".gaps"), /not covered.*reputation < 0\.3 never true/s);
    // What is missing leads to its place; a test that is written fills the mark.
    await tab.getByRole("button", { name: "reputation < 0.3", exact: true }).click();
    await says(activeLine(tab), /reputation < 0\.3/);
    await tab.getByRole("tab", { name: "shop.rungtest.hcl" }).click();
    await editor(tab).click();
    await tab.keyboard.press("Control+End");
    await tab.keyboard.insertText(
      '\n\ntest "a bad address" {\n  action = "money.send"\n  signals = {\n    session = { acr = "pwd", auth_time = "2026-01-01T00:00:00Z" }\n    device = { trusted = true }\n    resource = { amount = 500, country = "FR" }\n    reputation = 0.1\n  }\n  expect {\n    effect = "step_up"\n  }\n  case "asked" {}\n}\n',
    );
    await settled(tab);
    await says(tab.locator(".panel"), /a bad address.*asked/s);
    await counts(tab.locator(".badge.is-fail"), 0);
    await tab.getByRole("tab", { name: "shop", exact: true }).click();
    await says(mark("reputation < 0.3"), /reputation < 0\.3: true/, "title");
    await clean(page);
  });

  test("a rollout: who is in, and the request made theirs", async () => {
    const page = await fresh();
    const { tab } = page;
    await counts(tab.locator(".rollouts"), 0);
    await tab.getByRole("button", { name: "Examples" }).click();
    await tab.getByRole("button", { name: /^Retail bank/ }).click();
    await ready(tab);
    await cell(tab, "Large transfer", "normal").click();
    await settled(tab);
    await says(tab.locator(".rollout .share"), /is for 10 %, by subject\.id/);
    const dots = tab.locator(".rollout .dot");
    await dots.first().waitFor();
    const labels = await dots.evaluateAll((l) => l.map((e) => e.getAttribute("aria-label")));
    const isIn = labels.filter((l) => / in$/.test(l));
    assert.ok(labels.length >= 24 && isIn.length > 0 && isIn.length < 10, labels.join("; "));
    for (const l of labels) assert.equal(Number(/ at ([\d.]+) %/.exec(l)[1]) < 10, / in$/.test(l), l);
    const out = tab.locator(".why").getByText("not rolled out to this subject");
    await tab.getByRole("button", { name: /more that/ }).click();
    await tab.getByRole("button", { name: isIn[0], exact: true }).click();
    await settled(tab);
    const who = isIn[0].split(" ")[0];
    await says(tab.locator(".rollout [aria-live]"), new RegExp(`^${who} stands at .* in, and stays in`));
    await counts(out, 0);
    await tab.getByRole("button", { name: labels.find((l) => / out$/.test(l)), exact: true }).click();
    await settled(tab);
    await counts(out, 1);
    await tab.locator(".rollout input").fill(who);
    await settled(tab);
    await counts(out, 0);
    await says(tab.locator(".rollout .dot[aria-pressed=true]"), isIn[0], "aria-label");
    await tab.getByRole("tab", { name: "JSON" }).click();
    await says(tab.locator(".request .cm-content"), new RegExp(`"id": "${who}"`));
    await clean(page);
  });

  test("files: a new one, another name, gone and back", async () => {
    const page = await fresh();
    const { tab } = page;
    const named = (...names) => eventually(async () => assert.deepEqual(await tab.locator(".files [role=tab]").allTextContents(), names));
    await tab.getByRole("button", { name: "New file" }).click();
    await tab.getByLabel("Name of the new file").fill("more");
    await tab.keyboard.press("Enter");
    await editor(tab).click();
    await tab.keyboard.insertText('action "card.show" {\n  level = "code"\n}\n');
    await settled(tab);
    await named("more", "shop", "shop.rungtest.hcl");
    await tab.getByRole("button", { name: "Rename more.rung.hcl" }).click();
    await tab.getByLabel("New name of more.rung.hcl").fill("shop");
    await tab.keyboard.press("Enter");
    await says(tab.locator(".notice.is-error"), /There is a file shop\.rung\.hcl already/);
    await tab.getByRole("button", { name: "Rename more.rung.hcl" }).click();
    await tab.getByLabel("New name of more.rung.hcl").fill("cards");
    await tab.keyboard.press("Enter");
    await settled(tab);
    await named("cards", "shop", "shop.rungtest.hcl");
    await says(editor(tab), /card\.show/);
    await says(tab.locator("#request-panel select").first(), /card\.show/);
    await tab.getByRole("button", { name: "Remove cards.rung.hcl" }).click();
    await settled(tab);
    await named("shop", "shop.rungtest.hcl");
    await tab.getByRole("button", { name: "Undo" }).click();
    await settled(tab);
    await named("cards", "shop", "shop.rungtest.hcl");
    await says(editor(tab), /card\.show/);
    await clean(page);
  });

  test("what an example takes the place of is not lost", async () => {
    const page = await fresh();
    const { tab } = page;
    const example = async (name) => {
      await tab.getByRole("button", { name: "Examples" }).click();
      await tab.getByRole("button", { name }).click();
      await settled(tab);
    };
    await replace(tab, "1000.0", "1717.0");
    await example(/^Admin console/);
    await tab.getByRole("button", { name: "Undo" }).click();
    await settled(tab);
    await says(editor(tab), /1717\.0/);
    await example(/^Admin console/);
    await tab.getByRole("button", { name: "Examples" }).click();
    await tab.locator(".drafts button").first().click();
    await settled(tab);
    await says(editor(tab), /1717\.0/);
    await clean(page);
  });

  test("the dial, and params of the host", async () => {
    const page = await fresh();
    const { tab } = page;
    await tab.getByRole("radio", { name: "elevated" }).check({ force: true });
    await settled(tab);
    await says(tab.locator("#answer-title"), /Step up to code/);
    await tab.getByRole("button", { name: "Examples" }).click();
    await tab.getByRole("button", { name: /^Retail bank/ }).click();
    await ready(tab);
    const row = cell(tab, "Large transfer", "normal");
    await says(row, /Step up/, "aria-label");
    await tab.getByLabel("transfer_limit").fill("100000");
    await settled(tab);
    await says(row, /Need reputation; was mfa ≤ 5 min, changed/, "aria-label"); // what is left is whether the network is risky
    await clean(page);
  });

  test("form and JSON are two sides of one request", async () => {
    const page = await fresh();
    const { tab } = page;
    await cell(tab, "Rita sends 2,500", "normal").click();
    await tab.locator("#field-signals-resource-amount").fill("900");
    await settled(tab);
    await says(tab.locator("#answer-title"), /Allow/);
    await tab.locator("#field-signals-resource-amount").fill("1500");
    await settled(tab);
    await says(tab.locator("#answer-title"), /Step up/);
    await tab.getByRole("tab", { name: "JSON" }).click();
    const json = tab.locator(".request .cm-content");
    await says(json, /"amount": 1500/);
    await json.click();
    await tab.keyboard.press("Control+a");
    await tab.keyboard.insertText('{"action": "money.send", "now": "2026-11-20T12:00:00Z", "signals": {"resource": {"amount": 7, "country": "KP"}}}');
    await settled(tab);
    await says(tab.locator("#answer-title"), /Deny/);
    await tab.getByRole("tab", { name: "Form" }).click();
    await eventually(async () => assert.equal(await tab.locator("#field-signals-resource-country").inputValue(), "KP"));
    await tab.locator(".slider input").fill("50");
    await settled(tab);
    await says(tab.locator(".slider .away"), /\+ 4 days|\+ 90 h/);
    await tab.getByRole("tab", { name: "JSON" }).click();
    await json.click();
    await tab.keyboard.press("Control+a");
    await tab.keyboard.insertText('{"action": "money.send", "signals": {"resource": {"amount": 7, "amount": 8}}}');
    await settled(tab);
    await says(tab.locator(".sentence"), /refused at \/signals\/resource: .*`amount` twice/);
    await clean(page);
  });

  test("completion, hover, definition, rename and formatting know the policy", async () => {
    const page = await fresh();
    const { tab } = page;
    await replace(tab, "reputation < 0.3", "reputation < 0.3 && device.");
    await tab.keyboard.press("Control+Space");
    await says(tab.locator(".policy .cm-tooltip-autocomplete"), /browser.*trusted/s);
    await tab.keyboard.type("tru");
    await tab.locator(".policy .cm-tooltip-autocomplete li[aria-selected]", { hasText: "trusted" }).waitFor();
    await tab.waitForTimeout(200); // at least: a list that has only just opened takes no key, which was pressed before anybody read it
    await tab.keyboard.press("Enter");
    await says(editor(tab), /0\.3 && device\.trusted/);
    await settled(tab);
    // Rest on a name, go to where it is declared, and call it something else everywhere.
    await tab.mouse.move(...(await place(tab, "reputation < 0.3")));
    await says(tab.locator(".policy .cm-doc").first(), /Score of the caller's address/);
    await tab.mouse.click(...(await place(tab, "reputation < 0.3")));
    await tab.keyboard.press("F2");
    await tab.getByLabel("New name").fill("standing");
    await tab.getByLabel("New name").press("Enter");
    await says(editor(tab), /standing < 0\.3/);
    await settled(tab);
    await counts(tab.locator(".problem.is-error"), 0);
    await tab.mouse.click(...(await place(tab, "standing < 0.3")));
    await tab.keyboard.press("F12");
    await says(activeLine(tab), /signal "standing"/);
    await replace(tab, 'level "code"', 'level    "code"');
    await tab.getByRole("button", { name: "Format" }).click();
    await eventually(async () => assert.doesNotMatch(await editor(tab).textContent(), /level {4}"code"/));
    await clean(page);
  });

  test("tests run on every change", async () => {
    const page = await fresh();
    const { tab } = page;
    await tab.getByRole("tab", { name: /^Tests/ }).click();
    await says(tab.locator(".panel"), /passed, 0 failed.*seen \d+ of \d+ outcomes/s);
    await counts(tab.locator(".badge.is-fail"), 0);
    await replace(tab, "resource.amount > 1000.0", "resource.amount > 9000.0");
    await tab.waitForSelector(".badge.is-fail");
    await says(tab.locator(".test pre").first(), /expected|effect/);
    await clean(page);
  });

  test("the module: what takes the room, its text, and two files to take along", async () => {
    const page = await fresh();
    const { tab } = page;
    await tab.getByRole("tab", { name: /^Module/ }).click();
    await says(tab.locator(".sizes"), /large transfer/);
    await tab.getByRole("button", { name: "Show its text" }).click();
    await says(tab.locator(".wat"), /^\(module/);
    const bytes = await readFile((await downloads(tab, "Download .wasm", "shop.wasm"))[0]);
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
    const [mjs, types] = await downloads(tab, "Download .mjs", "shop.mjs", "shop.d.mts");
    assert.match(await readFile(types, "utf8"), /money\.send/);
    const code = await readFile(mjs, "utf8");
    const { loadSync } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
    assert.equal(loadSync().decide({ action: "balance.view", now: "2026-11-20T12:00:00Z", signals: { session: { acr: "pwd" } } }).effect, "allow");
    await clean(page);
  });

  test("a link holds all of it, and nothing is sent", async () => {
    const page = await visit({ permissions: ["clipboard-read", "clipboard-write"] });
    const { tab } = page;
    const asked = [];
    await replace(tab, "1000.0", "1234.0");
    tab.on("request", (r) => asked.push(r.url()));
    await tab.getByRole("button", { name: "Share" }).click();
    await tab.waitForSelector(".notice");
    await settled(tab);
    const link = await tab.evaluate(() => location.href);
    assert.match(link, /#p=[\w-]+$/);
    assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), link);
    assert.deepEqual(asked, []);
    const other = await open(browser, link);
    await says(editor(other.tab), /1234\.0/);
    await says(other.tab.locator(".notice").first(), /came with a link/);
    await clean(other);
    await clean(page);
  });

  test("a folder as a zip file, out and in again", async () => {
    const page = await fresh();
    const { tab } = page;
    await replace(tab, "1000.0", "4321.0");
    const [path] = await downloads(tab, "Download", "policy.zip");
    const names = Object.keys(unzipSync(await readFile(path)));
    assert.ok(names.includes("shop.rung.hcl") && names.filter((n) => n.startsWith("requests/")).length === 10, names.join());
    const other = await visit();
    await other.tab.setInputFiles('input[type="file"]', { name: "policy.zip", mimeType: "application/zip", buffer: await readFile(path) });
    await says(editor(other.tab), /4321\.0/);
    await settled(other.tab);
    await counts(other.tab.locator(".cell"), 30);
    await other.tab.setInputFiles('input[type="file"]', { name: "photo.zip", mimeType: "application/zip", buffer: Buffer.from("no zip") });
    await says(other.tab.locator(".notice.is-error"), /not opened/);
    await clean(other);
    await clean(page);
  });

  test("every example: no mistakes, its tests pass, both engines agree", async () => {
    const page = await fresh();
    const { tab } = page;
    const count = await tab.locator(".gallery li").count();
    assert.ok(count >= 2);
    for (let i = 0; i < count; i++) {
      await tab.getByRole("button", { name: "Examples" }).click();
      await tab.locator(".gallery button").nth(i).click();
      await settled(tab);
      const name = await tab.locator(".gallery b").nth(i).textContent();
      await says(tab.locator(".notice"), `${name} is open, in the place of what was there.Undo×`);
      await says(tab.locator(".engines"), /agree on all/);
      await says(tab.locator("#below-problems .count"), /is-good/, "class");
      await says(tab.locator("#below-tests .count"), /is-good/, "class");
    }
    await clean(page);
  });

  test("the page knows when something is under way", async () => {
    const page = await fresh();
    const { tab } = page;
    assert.equal(await tab.evaluate(() => globalThis.rungPlayground.idle()), true);
    await replace(tab, 'policy "shop"', 'policy   "shop"'); // so that there is something to format
    for (const selector of [".cell", ".who", ".dial input:not(:checked)", ".format", ".head .button.main", ".gallery li:nth-child(2) button", ".undo", ".people footer .quiet"]) {
      const idle = await tab.evaluate((selector) => {
        const all = [...document.querySelectorAll(selector)];
        all.at(-1).click();
        return globalThis.rungPlayground.idle();
      }, selector);
      assert.equal(idle, false, selector);
      await settled(tab);
    }
    // What is asked for after a pause is under way from the beginning.
    await tab.evaluate(() => document.querySelector(".gallery li:nth-child(2) button").click());
    await settled(tab);
    await cell(tab, "Large transfer", "normal").click();
    await settled(tab);
    assert.equal(await tab.locator(".rollout").count(), 1);
    await clean(page);
  });

  test("a key that follows on a click finds the file that was clicked", async () => {
    const page = await fresh();
    const { tab } = page;
    const shown = await tab.evaluate(async () => {
      document.querySelector(".files [role=tab]:nth-child(2)").click();
      const { port1, port2 } = new MessageChannel();
      await new Promise((next) => {
        port1.onmessage = next;
        port2.postMessage(null); // what comes next, before a frame is drawn
      });
      return document.querySelector(".policy .editor").shadowRoot.querySelector(".cm-content").textContent;
    });
    assert.match(shown, /^fixture "ann"/);
    await clean(page);
  });

  test("a link to a part of the page replaces nothing", async () => {
    const page = await fresh();
    const { tab } = page;
    await tab.evaluate(async () => {
      const view = globalThis.editorView();
      view.dispatch({ changes: { from: 0, insert: "# typed just now\n" } });
      const changed = new Promise((k) => addEventListener("hashchange", k, { once: true }));
      document.querySelector(".skip").click();
      await changed;
    });
    await settled(tab);
    await says(editor(tab), /^# typed just now/);
    await clean(page);
  });

  test("a link that is opened over a draft leaves the draft", async () => {
    const page = await visit();
    const { tab } = page;
    const link = await tab.evaluate(async () => {
      document.querySelector(".head .button.main").click();
      while (!globalThis.rungPlayground.idle()) await new Promise((k) => setTimeout(k, 10));
      const { hash } = location;
      history.replaceState(null, "", location.pathname);
      return hash;
    });
    await replace(tab, "1000.0", "7777.0");
    await eventually(async () => assert.match(await kept(tab), /7777\.0/));
    await tab.evaluate(async (link) => {
      const changed = new Promise((k) => addEventListener("hashchange", k, { once: true }));
      location.hash = link;
      await changed;
    }, link);
    await settled(tab);
    await says(editor(tab), /1000\.0/);
    await tab.evaluate(() => dispatchEvent(new Event("pagehide"))); // all that is to be kept is kept by now
    assert.match(await kept(tab), /7777\.0/);
    await tab.getByRole("button", { name: "Examples" }).click();
    await tab.locator(".drafts button").first().click();
    await settled(tab);
    await says(editor(tab), /7777\.0/);
    await clean(page);
  });

  test("what is typed while the file is formatted stays", async () => {
    const page = await fresh();
    const { tab } = page;
    await replace(tab, 'policy "shop"', 'policy   "shop"');
    await tab.evaluate(() => {
      const view = globalThis.editorView();
      document.querySelector(".format").click();
      view.dispatch({ changes: { from: 0, insert: "# typed meanwhile\n" } });
    });
    await settled(tab);
    await says(editor(tab), /^# typed meanwhile.*policy "shop"/s);
    await clean(page);
  });

  test("answers that come too late are not those of what was opened meanwhile", async () => {
    const page = await fresh();
    const { tab } = page;
    await tab.getByRole("button", { name: "Examples" }).click();
    await tab.getByRole("button", { name: /^Admin console/ }).click();
    await ready(tab);
    await tab.evaluate(() => {
      document.querySelector(".matrix tr:last-child .cell").click();
      document.querySelector(".gallery li:first-child button").click();
    });
    await ready(tab);
    await says(tab.locator(".people .hint"), "Each of them, in each posture. Pick one.");
    await counts(tab.locator(".cell"), 30);
    await clean(page);
  });

  test("a request that changes while the module is made is no disagreement", async () => {
    const page = await fresh();
    const { tab } = page;
    await cell(tab, "Rita sends 2,500", "normal").click();
    await settled(tab);
    const states = await tab.evaluate(async () => {
      const seen = new Set();
      const look = new MutationObserver(() => seen.add(document.querySelector(".engines")?.className));
      look.observe(document.querySelector(".answers"), { subtree: true, childList: true, attributes: true, characterData: true });
      const view = globalThis.editorView();
      const took = globalThis.rungPlayground.took();
      const at = view.state.doc.toString().indexOf("1000.0");
      view.dispatch({ changes: { from: at, to: at + 6, insert: "2000.0" } });
      while (globalThis.rungPlayground.took() === took) await new Promise((k) => setTimeout(k)); // the answers are there, the module is being made
      const field = document.querySelector("#field-signals-resource-amount");
      field.value = "7";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      while (!globalThis.rungPlayground.idle()) await new Promise((k) => setTimeout(k));
      return [...seen];
    });
    assert.deepEqual(states.filter((s) => !/is-same/.test(s)), []);
    await says(tab.locator("#answer-title"), /Allow/);
    await clean(page);
  });

  test("drafts are kept, and survive the page", async () => {
    const page = await visit();
    const { tab } = page;
    await replace(tab, "1000.0", "7777.0");
    await eventually(async () => assert.match(await kept(tab), /7777\.0/));
    await tab.reload();
    await ready(tab);
    await says(editor(tab), /7777\.0/);
    await clean(page);
  });

  test("the first minute", async () => {
    const page = await visit({ toured: false });
    const { tab } = page;
    const step = tab.locator(".tour h2");
    await says(step, "Ten people, one policy");
    await tab.getByRole("button", { name: "Rita sends 2,500", exact: true }).click();
    await says(step, "Why is she asked?");
    await replace(tab, "1000.0", "5000.0");
    await says(step, "The threat rises");
    await tab.getByRole("radio", { name: "elevated" }).check({ force: true });
    await says(step, "That is all");
    await tab.getByRole("button", { name: "Done" }).click();
    await counts(tab.locator(".tour"), 0);
    await clean(page);
  });

  test("by the keyboard alone", async () => {
    const page = await fresh();
    const { tab } = page;
    const focused = (what) => eventually(async () => assert.match(await tab.evaluate(() => [document.activeElement.id, document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent].join(" ")), what));
    await tab.keyboard.press("Tab");
    await focused(/ To the answers$/);
    await tab.keyboard.press("Enter");
    await focused(/^answers /);
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Tab");
    const seen = new Set();
    for (let i = 0; i < 90; i++) {
      seen.add(await tab.evaluate(() => document.activeElement.className || document.activeElement.id || document.activeElement.tagName));
      await tab.keyboard.press("Tab");
    }
    for (const want of ["who", "SUMMARY", "field-signals-resource-amount"]) assert.ok([...seen].some((s) => s.includes(want)), `${want} is not reached: ${[...seen].join(", ")}`);
    // From answer to answer by arrows.
    await cell(tab, "Rita sends 2,500", "normal").focus();
    await tab.keyboard.press("ArrowRight");
    await tab.keyboard.press("ArrowDown");
    await tab.keyboard.press("Enter");
    await focused(/Ben sends 20 from a new phone, elevated/);
    await settled(tab);
    await says(tab.locator(".answer .over"), /Ben.*elevated/);
    await tab.getByRole("tab", { name: /^Problems/ }).focus();
    await tab.keyboard.press("ArrowRight");
    await focused(/^below-tests /);
    // Out of the editor by Escape and Tab.
    await editor(tab).click();
    await tab.keyboard.press("Escape");
    await tab.keyboard.press("Tab");
    await eventually(async () => assert.equal(await tab.evaluate(() => document.activeElement.classList.contains("editor")), false));
    await clean(page);
  });
});
