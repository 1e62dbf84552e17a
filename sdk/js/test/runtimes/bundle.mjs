// The suite and the SDK as one file, for runtimes that have no folders.
import { readFileSync } from "node:fs";
import { build } from "../../node_modules/esbuild/lib/main.js";

const here = new URL(".", import.meta.url);

/** The suite, by name. */
export const suite = () => JSON.parse(readFileSync(new URL("../made/cases.json", here), "utf8"));

/** A module with `run`, which takes the suite and modules that are compiled, and `sdk`. */
export async function bundle() {
  const { outputFiles } = await build({
    stdin: { contents: `import { run as all } from "./conformance.mjs";
import { fast } from "../dist/fast.js";
import * as sdk from "../dist/index.js";
import writers from "./made/writers.mjs";
export const run = (file, compiled) => all(file, { ...sdk, fast }, writers, compiled);
export { sdk };`, resolveDir: new URL("..", here).pathname },
    bundle: true, format: "esm", write: false,
  });
  return outputFiles[0].text;
}
