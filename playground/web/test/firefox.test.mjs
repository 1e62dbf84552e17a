// The main path in Debian's Firefox. It needs no driver: a script of the test's, which the server puts into the page, does what a person does, and posts what it saw.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { here, page, patience, serve } from "./site.mjs";

const firefox = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);

test("the main path in Firefox", { skip: firefox ? false : "there is no Firefox here: internal/browsers.sh could not install it" }, async () => {
  let tell;
  const told = new Promise((k) => (tell = k));
  const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; img-src 'self' data:; require-trusted-types-for 'script'; trusted-types rung";
  const site = await serve({
    extra: {
      "/": async (_, r) => {
        const text = (await readFile(join(page, "index.html"), "utf8")).replace("<head>", '<head><script src="./limit.js"></script>').replace("</body>", '<script type="module" src="./main-path.mjs"></script></body>');
        r.writeHead(200, { "content-type": "text/html", "content-security-policy": csp }).end(text);
      },
      "/limit.js": async (_, r) => r.writeHead(200, { "content-type": "text/javascript" }).end(`globalThis.rungLimit = ${patience};`),
      "/main-path.mjs": async (_, r) => r.writeHead(200, { "content-type": "text/javascript" }).end(await readFile(join(here, "main-path.mjs"))),
      "/told": async (q, r) => {
        let text = "";
        for await (const chunk of q) text += chunk;
        r.writeHead(204).end();
        tell(JSON.parse(text));
      },
    },
  });
  const profile = await mkdtemp(join(tmpdir(), "rung-firefox-"));
  await writeFile(join(profile, "user.js"), 'user_pref("datareporting.policy.dataSubmissionEnabled", false);\nuser_pref("browser.shell.checkDefaultBrowser", false);\nuser_pref("app.update.enabled", false);\nuser_pref("network.captive-portal-service.enabled", false);\n');
  const child = spawn(firefox, ["--headless", "--no-remote", "--profile", profile, site.url], { stdio: "ignore", env: { ...process.env, HOME: profile }, detached: true });
  const gone = once(child, "exit");
  try {
    const seen = await Promise.race([told, gone.then(([code]) => assert.fail(`Firefox ended, with ${code}`))]);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(seen.violations, []);
    assert.equal(seen.cells, 30);
    assert.match(seen.before, /Step up to code/);
    assert.match(seen.after, /Allow/);
    assert.match(seen.engines, /agree on all 30 answers/);
    console.log(`# ${seen.agent}`);
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, "SIGKILL"); // it has processes of its own
    await gone;
    site.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
});
