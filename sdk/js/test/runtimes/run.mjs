// Runs the suite where there are files: Node, Deno, Bun.
import { readFileSync } from "node:fs";
import process from "node:process";
import { fast } from "../../dist/fast.js";
import * as sdk from "../../dist/index.js";
import { run } from "../conformance.mjs";
import writers from "../made/writers.mjs";

const { count, failed, taken } = run(JSON.parse(readFileSync(new URL("../made/cases.json", import.meta.url), "utf8")), { ...sdk, fast }, writers);
const bank = await sdk.load(new URL("../made/bank.wasm", import.meta.url));
const version = globalThis.Bun ? `Bun ${Bun.version}` : globalThis.Deno ? `Deno ${Deno.version.deno}` : `Node ${process.version}`;
console.log(JSON.stringify({ version, count, failed, taken, url: bank.decide({ action: "rates.view" }).effect }));
