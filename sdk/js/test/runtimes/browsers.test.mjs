import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { bundle, suite } from "./bundle.mjs";

const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types rung";

const page = `import { run, sdk } from "/bundle.mjs";
const seen = [];
addEventListener("securitypolicyviolation", (e) => seen.push(e.violatedDirective));
let evaluates = false;
try { evaluates = new Function("return true")(); } catch {}
const file = await (await fetch("/cases.json")).json();
const inPage = run(file);
const bank = await sdk.load(fetch("/bank.wasm"));
const trusted = globalThis.trustedTypes?.createPolicy("rung", { createScriptURL: (u) => u });
const worker = new Worker(trusted ? trusted.createScriptURL("/worker.mjs") : "/worker.mjs", { type: "module" });
worker.onmessage = ({ data }) => fetch("/done", { method: "POST", body: JSON.stringify({ agent: navigator.userAgent, evaluates, page: inPage, worker: data, streamed: bank.decide({ action: "rates.view" }).effect, seen }) });
worker.onerror = (e) => fetch("/done", { method: "POST", body: JSON.stringify({ error: e.message }) });
`;
const worker = `import { run } from "/bundle.mjs";
postMessage(run(await (await fetch("/cases.json")).json()));
`;

before(() => spawnSync("sh", [fileURLToPath(new URL("../../../../internal/browsers.sh", import.meta.url))], { stdio: ["ignore", "ignore", "inherit"] }));

const found = (...names) => names.map((n) => spawnSync("sh", ["-c", `command -v ${n}`], { encoding: "utf8" }).stdout.trim()).find(Boolean);

/** How long, in milliseconds, a browser may take for what is sure to come: machines that run tests are busy. */
const patience = 600_000;

/** Opens a page in a browser, and answers how it is ended. */
async function openChromium(executablePath, url) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: patience });
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  page.on("pageerror", (e) => console.error("the page:", e.message));
  await page.goto(url);
  return () => browser.close();
}

/** Firefox needs no driver: the page says itself what has come of it. */
async function openFirefox(program, url) {
  const profile = mkdtempSync(join(tmpdir(), "rung-browser-"));
  const browser = spawn(program, ["--headless", "--no-remote", "--profile", profile, url], { stdio: "ignore", env: { ...process.env, HOME: profile }, detached: true });
  const exit = once(browser, "exit");
  return async () => {
    process.kill(-browser.pid, "SIGKILL"); // it has processes of its own
    await exit;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
}

for (const [name, names, open] of [
  ["Chromium", ["chromium"], openChromium],
  ["Firefox", ["firefox-esr", "firefox"], openFirefox],
]) {
  test(`${name}: a page and a worker, under a strict policy of contents`, async (t) => {
    const program = found(...names);
    if (!program) return t.skip(`${name} is not to be had here`);
    const files = new Map([
      ["/", ["text/html", '<!doctype html><meta charset="utf-8"><title>rung</title><script type="module" src="/page.mjs"></script>']],
      ["/page.mjs", ["text/javascript", page]],
      ["/worker.mjs", ["text/javascript", worker]],
      ["/bundle.mjs", ["text/javascript", await bundle()]],
      ["/cases.json", ["application/json", readFileSync(new URL("../made/cases.json", import.meta.url))]],
      ["/bank.wasm", ["application/wasm", readFileSync(new URL("../made/bank.wasm", import.meta.url))]],
    ]);
    let done;
    const result = new Promise((resolve) => {
      done = resolve;
    });
    const server = http.createServer(async (request, response) => {
      if (request.url === "/done") {
        let text = "";
        for await (const part of request) text += part;
        response.writeHead(204).end();
        return done(JSON.parse(text));
      }
      const [type, body] = files.get(request.url) ?? [];
      if (!type) return response.writeHead(404).end();
      response.writeHead(200, { "content-type": type, "content-security-policy": csp }).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const close = await open(program, `http://localhost:${server.address().port}/`);
    try {
      const got = await Promise.race([result, new Promise((_, reject) => setTimeout(() => reject(new Error("nothing came back")), patience).unref())]);
      assert.equal(got.error, undefined);
      const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim();
      const total = suite().cases.length;
      t.diagnostic(`${version}: ${got.page.count} of ${total} cases of conformance in a page, ${got.worker.count} in a worker`);
      assert.equal([...got.page.failed, ...got.worker.failed].join("\n"), "");
      assert.equal(got.page.count, total);
      assert.equal(got.worker.count, total);
      assert.equal(got.streamed, "allow");
      assert.equal(got.evaluates, false, "the policy of contents is in force");
    } finally {
      await close();
      server.closeAllConnections();
      server.close();
    }
  });
}
