// The suite of conformance through the page's worker, and the policy's module beside it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { canonical } from "../../../sdk/js/test/conformance.mjs";
import { here, launch, open, serve, without } from "./site.mjs";

test("the suite of conformance through the page's worker", { skip: without }, async () => {
  const { cases, left } = JSON.parse(execFileSync("go", ["run", "./internal/cases"], { cwd: join(here, "..", ".."), encoding: "utf8", maxBuffer: 1 << 28 }));
  const browser = await launch();
  const site = await serve();
  try {
    const { tab } = await open(browser, site.url);
    const failed = [];
    let count = 0;
    for (const c of cases) {
      const got = await tab.evaluate(async ({ files, requests, reader, refused }) => {
        const ask = (method, argument) => globalThis.rungPlayground.ask(method, argument, 600_000); // files at the limits of their size take a while
        const opened = await ask("open", files).catch((e) => ({ diagnostics: [], failed: e.message }));
        if (refused) return { diagnostics: opened.diagnostics.filter((d) => d.severity === "error").map((d) => `${d.file}:${d.start.line}:${d.start.column} error ${d.code}`), failed: opened.failed };
        return { decisions: await ask("decideAs", { requests, reader }) };
      }, c);
      count += Math.max(1, c.requests?.length ?? 0);
      if (c.refused) {
        if (JSON.stringify([...got.diagnostics].sort()) !== JSON.stringify([...(c.diagnostics ?? [])].sort())) failed.push(`${c.name}: ${got.failed ?? got.diagnostics}`);
        continue;
      }
      c.decisions.forEach((want, i) => {
        const withPolicy = "policy" in want;
        if (canonical(got.decisions[i], withPolicy) !== canonical(want, withPolicy)) failed.push(`${c.name} ${i}: ${JSON.stringify(got.decisions[i])}`);
      });
    }
    assert.deepEqual(failed, []);
    assert.ok(count > 2000);
    console.log(`# ${cases.length} cases, ${count} answers, through the page's worker in Chromium ${browser.version()}; ${left} hold bytes that are no text`);
  } finally {
    await browser.close();
    site.close();
  }
});
