import * as engines from "./engines.mjs";
const requests = Array.from({ length: 512 }, (_, i) => engines.request(i));
const { loadSync } = await import(process.argv[2]);
const p = loadSync();
const decide = (r) => p.decide(r).effect;
function time(n) { const b = process.cpuUsage(); for (let i = 0; i < n; i++) decide(requests[i & 511]); const { user, system } = process.cpuUsage(b); return (user + system) * 1000 / n; }
for (const t = performance.now(); performance.now() - t < 400;) time(500);
const out = []; for (let i = 0; i < +(process.argv[3] ?? 7); i++) out.push(Math.round(time(100000)));
console.log(out.join(" "));
