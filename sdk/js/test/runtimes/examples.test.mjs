import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import workerd from "workerd";
import { SignJWT } from "../../node_modules/jose/dist/webapi/index.js";
import { build } from "../../node_modules/esbuild/lib/main.js";

/** How long, in milliseconds, a browser may take for what is sure to come: machines that run tests are busy. */
const patience = 600_000;

const path = (to) => fileURLToPath(new URL(to, import.meta.url));
const sdk = path("../../dist/");
const alias = Object.fromEntries(["", "/http", "/jwt", "/express", "/guard"].map((n) => [`@rungpolicy/rung${n}`, `${sdk}${n ? n.slice(1) : "index"}.js`]).sort((a, b) => b[0].length - a[0].length));
const bundled = async (file, to, platform) => build({ entryPoints: [path(file)], bundle: true, format: "esm", platform, alias, external: ["*.wasm"], outfile: to, logLevel: "error" });

test("a worker before an API, in workerd", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rung-edge-"));
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await bundled("../../../../examples/edge-worker/worker.mjs", join(folder, "worker.mjs"), "neutral");
  cpSync(path("../made/edge-policy.wasm"), join(folder, "policy.wasm"));
  cpSync(path("../../../../examples/edge-worker/workerd.capnp"), join(folder, "workerd.capnp"));
  const server = spawn(workerd.default ?? workerd, ["serve", "workerd.capnp", "--control-fd=3"], { cwd: folder, stdio: ["ignore", "inherit", "inherit", "pipe"], env: { ...process.env, JWK: JSON.stringify(publicKey.export({ format: "jwk" })) } });
  try {
    const port = await new Promise((resolve, reject) => {
      let text = "";
      server.stdio[3].on("data", (b) => {
        const m = /"port":(\d+)/.exec((text += b));
        if (m) resolve(m[1]);
      });
      server.on("exit", reject);
    });
    const now = Math.floor(Date.now() / 1000);
    const token = (claims) => new SignJWT({ sub: "u", country: "DE", ...claims }).setProtectedHeader({ alg: "ES256" }).setIssuer("https://idp.example").setAudience("https://notes.example").setExpirationTime("1h").sign(privateKey);
    const ask = async (method, authorization, headers = {}) => fetch(`http://127.0.0.1:${port}/notes`, { method, headers: { ...headers, ...(authorization && { Authorization: `Bearer ${authorization}` }) } });
    const weak = await token({ amr: ["pwd"], auth_time: now });
    const strong = () => token({ amr: ["pwd", "otp"], auth_time: Math.floor(Date.now() / 1000) }); // which is fresh when it is shown, however long this test takes
    assert.equal((await ask("GET")).status, 401);
    assert.equal((await ask("GET", "forged")).headers.get("WWW-Authenticate"), 'Bearer error="invalid_token"');
    assert.deepEqual(await (await ask("GET", weak)).json(), { action: "notes.list", notes: ["buy milk"] });
    const purge = await ask("DELETE", weak, { "CF-IPCountry": "DE" });
    assert.equal(purge.status, 401);
    assert.match(purge.headers.get("WWW-Authenticate"), /error="insufficient_user_authentication".*acr_values="aal2 .*max_age="300"/);
    assert.equal((await ask("DELETE", await strong(), { "CF-IPCountry": "DE" })).status, 200);
    assert.match((await ask("DELETE", await strong(), { "CF-IPCountry": "FR" })).headers.get("WWW-Authenticate"), /acr_values="aal3 /);
    assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 403);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
});

test("before the click: in the page and again by the server, with a passkey", async (t) => {
  const executablePath = spawnSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).stdout.trim();
  if (!executablePath) return t.skip("Chromium is not to be had here");
  const folder = mkdtempSync(join(tmpdir(), "rung-click-"));
  const example = "../../../../examples/before-the-click";
  await bundled(`${example}/server.mjs`, join(folder, "server.mjs"), "node");
  for (const file of ["index.html", "page.mjs"]) cpSync(path(`${example}/${file}`), join(folder, file));
  cpSync(path("../made/click-policy.mjs"), join(folder, "policy.mjs"));
  const { serve } = await import(pathToFileURL(join(folder, "server.mjs")).href);
  const { readFileSync } = await import("node:fs");
  const began = Date.now();
  // The server's clock stands still: nothing grows too old where this takes long.
  const server = serve({ module: readFileSync(path("../made/click-policy.wasm")), folder: pathToFileURL(`${folder}/`), clock: () => began }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: patience });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(patience);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    await page.goto(`http://localhost:${server.address().port}/`);
    await page.waitForFunction(() => globalThis.register);
    await page.evaluate(() => register());

    const hint = async (amount) => {
      await page.fill("#amount", amount);
      return page.textContent("#hint");
    };
    const pay = async () => {
      await page.evaluate(() => delete document.getElementById("result").dataset.status);
      await page.click("button");
      await page.waitForSelector("#result[data-status]");
      return page.getAttribute("#result", "data-status");
    };
    assert.equal(await hint("20"), "No further step is needed.");
    assert.equal(await pay(), "200");
    assert.equal(await hint("250"), "Payments of 100 and more are confirmed with your passkey.");
    assert.equal(await pay(), "200");
    assert.equal(await hint("20000"), "Payments of more than 10,000 are made in a branch.");
    assert.equal(await pay(), "403");
    // The server believes nobody: without the passkey, and with one that was given before.
    const post = (body) => page.evaluate(async (b) => (await fetch("/payments", { method: "POST", body: JSON.stringify(b) })).status, body);
    assert.equal(await post({ amount: 250 }), 401);
    assert.equal(await post({ amount: 250, proof: { id: "x" } }), 401);
    assert.equal(await post({ amount: "250" }), 400);
    // A user who is not verified gives none.
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await hint("250");
    assert.equal(await pay(), "NotAllowedError");
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
