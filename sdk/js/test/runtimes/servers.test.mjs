import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import workerd from "workerd";
import { bundle, suite } from "./bundle.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const total = suite().cases.length;

function check(t, { version, count, failed }) {
  t.diagnostic(`${version}: ${count} of ${total} cases of conformance`);
  assert.equal(failed.join("\n"), "");
  assert.equal(count, total);
}

for (const [name, file, ...args] of [
  ["Node, as it is here", process.execPath],
  ["Node, the newest", `${here}node_modules/node/bin/node`],
  ["Deno", `${here}node_modules/.bin/deno`, "run", "--no-prompt", "--no-lock", "--allow-read"],
  ["Bun", `${here}node_modules/.bin/bun`, "run"],
]) {
  test(name, (t) => {
    const { stdout, stderr, status } = spawnSync(file, [...args, "run.mjs"], { cwd: here, encoding: "utf8", maxBuffer: 64 << 20 });
    assert.equal(status, 0, stderr);
    const result = JSON.parse(stdout);
    check(t, result);
    assert.equal(result.url, "allow");
  });
}

/** Starts workerd with a configuration, and answers where it listens. */
export async function serve(folder) {
  // Its own file is a shim in JavaScript where scripts of packages were not run.
  const process = spawn(workerd.default ?? workerd, ["serve", "workerd.capnp", "--control-fd=3"], { cwd: folder, stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const port = await new Promise((resolve, reject) => {
    let text = "";
    process.stdio[3].on("data", (b) => {
      text += b;
      const m = /"port":(\d+)/.exec(text);
      if (m) resolve(m[1]);
    });
    process.on("exit", reject);
    process.on("error", reject);
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => process.kill() };
}

/** What a server answers, as JSON; by a request that waits as long as it takes, which fetch does not. */
const json = async (request) => {
  const [response] = await once(request, "response");
  let text = "";
  for await (const part of response) text += part;
  return JSON.parse(text);
};

test("workerd, with modules that were imported", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rung-workerd-"));
  const { modules, cases } = suite();
  const names = modules.map((_, i) => `m${i}`);
  for (const [i, m] of modules.entries()) writeFileSync(join(folder, `${names[i]}.wasm`), Buffer.from(m, "base64"));
  writeFileSync(join(folder, "cases.json"), JSON.stringify({ modules: [], cases }));
  writeFileSync(join(folder, "bundle.mjs"), await bundle());
  writeFileSync(
    join(folder, "worker.mjs"),
    `import { run, sdk } from "./bundle.mjs";
import file from "./cases.json";
${names.map((n) => `import ${n} from "./${n}.wasm";`).join("\n")}
let forbidden;
export default {
  async fetch() {
    try { await sdk.load(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); } catch (e) { forbidden = e.message; }
    return Response.json({ ...run(file, [${names}]), forbidden });
  },
};
`,
  );
  const files = ['(name = "worker.mjs", esModule = embed "worker.mjs")', '(name = "./bundle.mjs", esModule = embed "bundle.mjs")', '(name = "./cases.json", json = embed "cases.json")'];
  for (const n of names) files.push(`(name = "./${n}.wasm", wasm = embed "${n}.wasm")`);
  writeFileSync(
    join(folder, "workerd.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .w) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);
const w :Workerd.Worker = ( modules = [ ${files.join(",\n")} ], compatibilityDate = "2026-03-01" );
`,
  );
  const server = await serve(folder);
  try {
    const result = await json(get(server.url));
    const version = spawnSync(workerd.default ?? workerd, ["--version"], { encoding: "utf8" }).stdout.trim();
    check(t, { version, ...result });
    assert.match(result.forbidden, /import it and pass the module/);
  } finally {
    server.stop();
    rmSync(folder, { recursive: true });
  }
});

test("the package, as JSR would take it", () => {
  const { status, stderr } = spawnSync(`${here}node_modules/.bin/deno`, ["publish", "--dry-run", "--allow-dirty"], { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
