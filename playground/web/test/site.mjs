// What the tests share: the built page behind a small server, and a browser.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const here = dirname(fileURLToPath(import.meta.url));
export const page = join(here, "..", "..", "dist", "page");
const types = { html: "text/html", js: "text/javascript", css: "text/css", gz: "application/gzip", woff2: "font/woff2", mjs: "text/javascript" };
const csp =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types rung";

/** Serves the page as `rung playground` does. `extra` answers paths of its own; `hold` resolves before the compiler is handed out. */
export async function serve({ extra = {}, hold } = {}) {
  const server = createServer(async (q, r) => {
    const path = new URL(q.url, "http://localhost").pathname;
    const name = path === "/" ? "/index.html" : path;
    try {
      if (extra[path]) return await extra[path](q, r);
      if (name.endsWith(".wasm.gz")) await hold;
      const body = await readFile(join(page, name));
      r.writeHead(200, { "content-type": types[name.split(".").pop()] ?? "text/plain", "content-security-policy": csp, "cross-origin-opener-policy": "same-origin" }).end(body);
    } catch {
      r.writeHead(404).end();
    }
  });
  await new Promise((k) => server.listen(0, "127.0.0.1", k));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** How long, in milliseconds, something may take that is sure to come: machines that run tests are busy. */
export const patience = 180_000;

/**
 * Repeats a check until what it asserts holds, for what is sure to come but nobody knows when; what does not come within `patience` fails as it was asserted. What
 * is sure not to come is no business of its: for that, wait first until all is over that could bring it.
 */
export async function eventually(check) {
  const until = Date.now() + patience;
  for (let pause = 10; ; pause = Math.min(500, 2 * pause)) {
    try {
      return await check();
    } catch (why) {
      if (!(why instanceof assert.AssertionError) || Date.now() >= until) throw why;
    }
    await new Promise((k) => setTimeout(k, pause));
  }
}

/** A part of the page says something, in its text or in an attribute, at once or soon. */
export const says = (part, words, attribute) =>
  eventually(async () => {
    const text = attribute === undefined ? await part.textContent() : await part.getAttribute(attribute);
    if (typeof words === "string") assert.equal(text, words);
    else assert.match(text ?? "", words);
  });

/** There are so many parts of a kind, at once or soon. */
export const counts = (parts, n) => eventually(async () => assert.equal(await parts.count(), n));

/** How many times slower the page runs than it could, to find what depends on a fast machine: `RUNG_SLOW=6 npm test`. */
const slow = Number(process.env.RUNG_SLOW ?? 1);

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/** Why there is no Chromium, or false. */
export const without = executablePath ? false : "there is no Chromium here: internal/browsers.sh could not install it";

export function launch() {
  return chromium.launch({
    executablePath,
    timeout: patience,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Opens the page, and collects what it complains of: errors, and what CSP and Trusted Types have refused. */
export async function open(browser, url, options = {}) {
  const { toured = true, wait = true, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, reducedMotion: "reduce", ...rest });
  context.setDefaultTimeout(patience);
  await context.addInitScript(({ toured, patience }) => {
    globalThis.rungLimit = patience; // no policy of these tests is slow: the machine may be
    globalThis.violations = [];
    globalThis.editorView = () => {
      const content = document.querySelector(".policy .editor").shadowRoot.querySelector(".cm-content");
      return content.cmTile?.view ?? content.cmView?.rootView?.view ?? content.cmView?.view;
    };
    addEventListener("securitypolicyviolation", (e) => globalThis.violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
    if (toured) localStorage.setItem("rung.toured", "1");
  }, { toured, patience });
  const tab = await context.newPage();
  if (slow > 1) await (await context.newCDPSession(tab)).send("Emulation.setCPUThrottlingRate", { rate: slow });
  const complaints = [];
  tab.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text()));
  tab.on("pageerror", (e) => complaints.push(e.message));
  await tab.goto(url);
  if (wait) await ready(tab);
  return { tab, context, complaints };
}

/** The page in one tab, which begins anew for each test, with the compiler that has come once: whatever the test before has left under way ends first. */
export function shared(browser, url) {
  let page;
  return async () => {
    if (page) {
      const { tab, complaints } = page;
      await settled(tab);
      await tab.setViewportSize({ width: 1440, height: 1000 });
      await tab.mouse.move(0, 0); // nothing is hovered over
      await tab.evaluate(() => {
        globalThis.rungPlayground.reset();
        localStorage.setItem("rung.toured", "1");
      });
      await ready(tab);
      await tab.evaluate(() => (globalThis.violations.length = 0));
      complaints.length = 0;
    } else page = await open(browser, url);
    return { ...page, context: { close: async () => undefined } };
  };
}

/** Waits until all answers are those of what is edited, and both engines have given them. */
export async function ready(tab) {
  await settled(tab);
  await tab.waitForSelector(".policy .cm-content", { state: "attached" });
  await tab.waitForSelector(".engines.is-same", { state: "attached" }); // on a phone, what it is in may not be on the screen
}

/** Waits until all that was asked for has been answered and is shown: see `idle` in src/state.ts. */
export async function settled(tab) {
  await tab.waitForFunction(() => globalThis.rungPlayground?.idle());
}

/** The text of the policy's editor, which stands in a shadow root. */
export const editor = (tab) => tab.locator(".policy .cm-content");

/** Puts a text in the place of another one in the editor, as a person would: by selecting and typing. */
export async function replace(tab, from, to) {
  await editor(tab).click();
  await tab.keyboard.press("Control+f");
  const search = tab.locator(".policy .cm-search input[name=search]");
  await search.fill("");
  await search.pressSequentially(from); // the panel listens to keys
  await eventually(async () => assert.equal(await search.inputValue(), from));
  await tab.keyboard.press("Enter");
  await counts(tab.locator(".policy .cm-searchMatch-selected"), 1);
  await tab.keyboard.press("Escape");
  await tab.keyboard.insertText(to);
  await tab.keyboard.press("Escape"); // whatever completion has to say
  await settled(tab);
}

/** The line of the policy's editor that the cursor is on. */
export const activeLine = (tab) => tab.locator(".policy .cm-activeLine");

/** Where the first letters of a text stand in the editor, on the screen, once they stand still. */
export function place(tab, text) {
  return tab.evaluate(async (text) => {
    const look = () => {
      const line = [...document.querySelector(".policy .editor").shadowRoot.querySelectorAll(".cm-line")].find((l) => l.textContent.includes(text));
      if (!line) return undefined;
      let left = line.textContent.indexOf(text);
      const nodes = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      while (nodes.nextNode() && nodes.currentNode.length <= left) left -= nodes.currentNode.length;
      const range = document.createRange();
      range.setStart(nodes.currentNode, left);
      range.setEnd(nodes.currentNode, left + 1);
      const box = range.getBoundingClientRect();
      return [box.right, box.top + box.height / 2];
    };
    for (let before, frames = 0; frames < 10_000; frames++) {
      const now = look();
      if (now && String(now) === String(before)) return now;
      before = now;
      await new Promise((k) => requestAnimationFrame(() => requestAnimationFrame(k)));
    }
    throw new Error(`${text} does not stand still`);
  }, text);
}

export const cell = (tab, who, posture) => tab.locator(`.cell[aria-label^="${who}, ${posture}:"]`);
