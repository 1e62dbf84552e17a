// Runs the suite where there are files: Node, Deno, Bun.
import { readFileSync } from "node:fs";
import process from "node:process";
import * as sdk from "../../dist/index.js";
import { run } from "../conformance.mjs";

const { count, failed } = run(JSON.parse(readFileSync(new URL("../made/cases.json", import.meta.url), "utf8")), sdk);
const bank = await sdk.load(new URL("../made/bank.wasm", import.meta.url));
const version = globalThis.Bun ? `Bun ${Bun.version}` : globalThis.Deno ? `Deno ${Deno.version.deno}` : `Node ${process.version}`;
console.log(JSON.stringify({ version, count, failed, url: bank.decide({ action: "rates.view" }).effect }));
