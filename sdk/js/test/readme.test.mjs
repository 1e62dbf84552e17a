import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = fileURLToPath(new URL("made/readme/", import.meta.url));
const blocks = [...readFileSync(new URL("../README.md", import.meta.url), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]);
rmSync(here, { recursive: true, force: true });
mkdirSync(here, { recursive: true });
for (const [i, text] of blocks.entries()) writeFileSync(`${here}${i}.mts`, text);
cpSync(fileURLToPath(new URL("made/bank.wasm", import.meta.url)), `${here}policy.wasm`);
writeFileSync(`${here}wasm.d.mts`, 'declare module "*.wasm" { const module: WebAssembly.Module; export default module; }\n');

test("every snippet of the README is TypeScript that fits the package", () => {
  assert.ok(blocks.length > 5);
  const files = blocks.map((_, i) => `${i}.mts`);
  const flags = ["--ignoreConfig", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom,dom.iterable", "--types", "", "--skipLibCheck", "--rootDir", ".", "--outDir", "out", "--pretty", "false"];
  const { stdout, status } = spawnSync(fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url)), [...flags, "wasm.d.mts", ...files], { cwd: here, encoding: "utf8" });
  assert.equal(stdout, "");
  assert.equal(status, 0);
});

test("those for servers run", async () => {
  cpSync(`${here}policy.wasm`, `${here}out/policy.wasm`);
  const said = [];
  const { log } = console;
  console.log = (text) => said.push(text);
  try {
    for (const [i, text] of blocks.entries()) {
      if (/document|import module from|fetch\("/.test(text)) continue;
      const { default: worker } = await import(pathToFileURL(`${here}out/${i}.mjs`).href);
      if (worker) assert.equal((await worker.fetch(new Request("https://api.example/healthz"))).status, 200);
      if (worker) assert.equal((await worker.fetch(new Request("https://api.example/cards/7/secrets"))).status, 401);
    }
  } finally {
    console.log = log;
  }
  assert.deepEqual(said, ["step_up", "deny"]);
});
