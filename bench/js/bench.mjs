// Measures the engines in turn: `node bench.mjs [--json]`. Each runs in a process of its own, several times, so that none is compiled for the company it is in. Take the ratios, not the nanoseconds.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadSync } from "../../sdk/js/dist/core.js";
import * as engines from "./engines.mjs";

const rounds = 5;
const milliseconds = 100;
const requests = Array.from({ length: 512 }, (_, i) => engines.request(i));
const names = ["rung", "module", "handwritten", "cel", "opaWasm", "cedarWasm"];

/** Nanoseconds of processor time for a decision. */
function time(decide, n) {
  const before = process.cpuUsage();
  for (let i = 0; i < n; i++) decide(requests[i & 511]);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / n;
}

/** In a process of its own: what an engine takes, and what it answers. */
async function one(name) {
  const decide = await engines[name]();
  const answers = requests.map(decide).join();
  for (const began = performance.now(); performance.now() - began < 400; ) time(decide, 500); // warm
  const n = Math.max(1000, Math.ceil((milliseconds * 1e6) / time(decide, 1000)));
  console.log(JSON.stringify({ time: time(decide, n), answers }));
}

function ask(name) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return JSON.parse(stdout);
}

if (names.includes(process.argv[2])) {
  await one(process.argv[2]);
  process.exit();
}

const all = Object.fromEntries(names.map((name) => [name, []]));
let answers;
for (let i = 0; i < rounds; i++) {
  for (const name of names) {
    const got = ask(name);
    answers ??= got.answers;
    if (got.answers !== answers) throw new Error(`${name} answers otherwise than ${names[0]}`);
    all[name].push(got.time);
  }
}
const quartile = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 4)];
const times = Object.fromEntries(Object.entries(all).map(([name, list]) => [name, quartile(list)]));

// From bytes to the first decision; the first of all is not counted, as what it loads besides is no module's.
const bytes = readFileSync(new URL("made/bank.wasm", import.meta.url));
const starts = [];
for (let i = 0; i < 11; i++) {
  const began = performance.now();
  loadSync(bytes).decide({ action: "rates.view" });
  starts.push(performance.now() - began);
}
const result = { times, start: quartile(starts.slice(1)), first: starts[0], node: process.version };
if (process.argv.includes("--json")) console.log(JSON.stringify(result));
else {
  console.log(`node ${process.version}; a decision about five rules, from a plain object, lower quartile of ${rounds} rounds`);
  for (const [name, t] of Object.entries(times)) console.log(`${name.padEnd(12)} ${t.toFixed(0).padStart(8)} ns   ${(t / times.rung).toFixed(2)} × rung`);
  console.log(`bank's module, from bytes to the first decision: ${result.start.toFixed(1)} ms (the first in the process ${result.first.toFixed(1)} ms)`);
}
