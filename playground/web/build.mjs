// Builds the page into ../dist/page: the page's own programs by esbuild, Rung itself by Go for the browser, the examples out of the repository.
//
//     node build.mjs            the page and the compiler
//     node build.mjs --page     the page alone, with the compiler that is there

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "dist", "page");
const cache = join(here, "..", "..", ".cache", "playground");
const root = join(here, "..", "..");

/** The repository's examples, in the order of the gallery. */
const gallery = [
  { id: "bank", title: "Retail bank", about: "Transfers, payees, limits and cards; a dial, lists, a rule on trial, an address's reputation that is fetched only when it matters." },
  { id: "psd2", title: "Strong customer authentication", about: "PSD2 with its exemptions: small sums, trusted payees, standing orders, low risk." },
  { id: "saas", title: "Admin console", about: "Who invites, exports, makes admins, changes single sign-on." },
  { id: "deploy", title: "Deploy gate", about: "Deploying to production, with a sudo mode that lasts for a while, and freezes." },
  { id: "hospital", title: "Break-glass", about: "Records that anybody may open in an emergency, and that say who did." },
];

async function texts(folder, under = "") {
  const out = {};
  for (const e of await readdir(join(folder, under), { withFileTypes: true })) {
    const name = under ? `${under}/${e.name}` : e.name;
    if (e.isDirectory()) Object.assign(out, await texts(folder, name));
    else if (/\.(hcl|txt|json)$/.test(e.name)) out[name] = await readFile(join(folder, name), "utf8");
  }
  return out;
}

// The first example's people have names of their own.
async function shop() {
  const files = await texts(join(here, "examples", "shop"));
  const people = JSON.parse(files["people.json"]).map((p) => ({ name: p.name, text: JSON.stringify(p.request) }));
  delete files["people.json"];
  return { id: "shop", title: "A first policy", about: "A small bank on one screen, and ten people. Start here.", files, people };
}

// The other examples are files of their own, which are fetched when somebody opens them.
async function examples() {
  for (const e of gallery) await writeFile(join(dist, `example-${e.id}.json`), JSON.stringify({ files: await texts(join(root, "examples", e.id)) }));
  return gallery;
}

// The compiler, compressed, under a name that changes with it: it may be kept for ever.
async function compiler() {
  await mkdir(cache, { recursive: true });
  const wasm = join(cache, "rung.wasm");
  const env = { ...process.env, GOOS: "js", GOARCH: "wasm", CGO_ENABLED: "0" };
  execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", wasm, "./worker"], { cwd: join(here, ".."), env, stdio: "inherit" });
  const bytes = await readFile(wasm);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const name = `rung.${hash}.wasm.gz`;
  // It is packed once for each content: that takes longer than all else.
  const before = join(cache, name);
  if (!existsSync(before)) {
    for (const old of (await readdir(cache)).filter((n) => n.endsWith(".gz"))) await rm(join(cache, old));
    await writeFile(before, pack(wasm, bytes));
  }
  return { name, packed: await readFile(before) };
}

// libdeflate packs some four percent tighter than zlib, where it is there (Debian: libdeflate-tools). The page takes either.
function pack(file, bytes) {
  try {
    return execFileSync("libdeflate-gzip", ["-12", "-c", file], { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return gzipSync(bytes, { level: 9 });
  }
}

async function kept() {
  const name = (await readdir(dist)).find((n) => n.endsWith(".wasm.gz"));
  if (!name) throw new Error("there is no compiler yet: build it first, without --page");
  return { name, packed: await readFile(join(dist, name)) };
}

const goroot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
const wasm = process.argv.includes("--page") ? await kept() : await compiler();
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await writeFile(join(dist, wasm.name), wasm.packed);

const fonts = ["bricolage-grotesque"].map((f) => [`${f}-latin-wght-normal.woff2`, join(here, "node_modules", "@fontsource-variable", f, "files", `${f}-latin-wght-normal.woff2`)]);
for (const [name, from] of fonts) await copyFile(from, join(dist, name));
await copyFile(join(here, "src", "index.html"), join(dist, "index.html"));

await build({
  entryPoints: [join(here, "src", "main.tsx"), join(here, "src", "compiler.worker.ts"), join(here, "src", "decider.worker.ts")],
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  loader: { ".css": "text" },
  define: { RUNG_WASM: JSON.stringify(wasm.name), RUNG_WASM_BYTES: String(wasm.packed.length), RUNG_FIRST: JSON.stringify(await shop()), RUNG_EXAMPLES: JSON.stringify(await examples()) },
  plugins: [{ name: "go", setup: (b) => b.onResolve({ filter: /wasm_exec\.js$/ }, () => ({ path: join(goroot, "lib", "wasm", "wasm_exec.js") })) }],
});
await build({ entryPoints: [join(here, "src", "style.css")], outdir: dist, bundle: true, minify: true, external: ["*.woff2"] });
