import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load, loadSync } from "./made/bank.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const flags = ["--ignoreConfig", "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,webworker", "--pretty", "false"];
const tsc = (file) => spawnSync(`${here}../node_modules/.bin/tsc`, [...flags, `types/${file}.ts`], { cwd: here, encoding: "utf8" }).stdout;

test("what `rung build --js` writes decides as the module does", async () => {
  const request = { action: "transfer.create", signals: { session: { amr: ["pwd"] }, resource: { amount: 10 } } };
  assert.deepEqual((await load()).decide(request), loadSync().decide(request));
  assert.equal(loadSync().decide(request).effect, "deny");
  const module = new WebAssembly.Module(readFileSync(new URL("made/bank.wasm", import.meta.url)));
  assert.equal(loadSync({ posture: "critical" }, module).decide(request).posture, "critical");
});

test("and its types know the policy", () => assert.equal(tsc("good"), ""));

test("every mistake is an error", () => {
  const wrong = new Set([...tsc("bad").matchAll(/^types\/bad\.ts\((\d+)/gm)].map((m) => Number(m[1])));
  const lines = readFileSync(`${here}types/bad.ts`, "utf8").split("\n");
  // Every line but the imports, the load that is right, and the decision that is.
  const expected = lines.flatMap((line, i) => (line && !/^import|^const/.test(line) ? [i + 1] : []));
  assert.deepEqual([...wrong].sort((a, b) => a - b), expected);
  assert.ok(expected.length > 10);
});
