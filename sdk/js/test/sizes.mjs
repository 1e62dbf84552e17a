// Prints what the SDK weighs, minified and gzipped: `node test/sizes.mjs` in sdk/js, after a build.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const weigh = async (contents) => {
  const { outputFiles } = await build({ stdin: { contents, resolveDir: new URL("..", import.meta.url).pathname }, bundle: true, minify: true, format: "esm", charset: "utf8", write: false });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
};
const core = await weigh('export * from "./dist/core.js"');
const decide = await weigh('export { load } from "./dist/core.js"');
const reader = await weigh('export { load } from "./dist/index.js"');
const bank = decide + gzipSync(readFileSync(process.argv[2] ?? new URL("made/bank.wasm", import.meta.url)), { level: 9 }).length;
console.log(JSON.stringify({ core, decide, reader, bank }));
