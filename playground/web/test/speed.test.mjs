// How fast the page is, and how large. Nothing fails here because a machine has other things to do: `make figures` holds the figures against their bars.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { cell, counts, editor, launch, open, page, ready, says, serve, settled, without } from "./site.mjs";

const median = (l) => [...l].sort((a, b) => a - b)[Math.floor(l.length / 2)];
const at95 = (l) => [...l].sort((a, b) => a - b)[Math.floor(l.length * 0.95)];

/** Prints a figure where `make figures` reads it. */
const figure = (name, value) => console.log(`# figure ${name} ${value}`);

test("sizes", { skip: readdirSync(page).length === 0 }, () => {
  const size = (name) => (/\.(woff2|gz)$/.test(name) ? readFileSync(join(page, name)).length : gzipSync(readFileSync(join(page, name)), { level: 9 }).length);
  const names = readdirSync(page);
  const compiler = names.find((n) => n.endsWith(".wasm.gz"));
  const rest = names.filter((n) => n !== compiler && !n.startsWith("example-")).reduce((sum, n) => sum + size(n), 0);
  figure("page-bytes", rest);
  figure("compiler-bytes", size(compiler));
  assert.ok(rest <= 320_000, `${rest} bytes without the compiler`);
  // A sixth more comes at once where something has the linker keep all methods: see RATIONALE.md, "Why is protobuf required at 1.36.12".
  assert.ok(size(compiler) <= 7_500_000, `${size(compiler)} bytes of compiler`);
});

test("first paint, and an editor before the compiler has come", { skip: without }, async () => {
  let release;
  const hold = new Promise((k) => (release = k));
  const site = await serve({ hold });
  const browser = await launch();
  try {
    const { tab } = await open(browser, site.url, { wait: false });
    await editor(tab).waitFor();
    await editor(tab).click();
    await tab.keyboard.insertText("# typed before the compiler came\n");
    await says(editor(tab), /typed before the compiler came/);
    await counts(tab.locator(".loading progress"), 1);
    const paint = await (await tab.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime)).jsonValue();
    figure("first-paint-ms", Math.round(paint));
    release();
    await ready(tab);
    await counts(tab.locator(".cell"), 30);
    await says(editor(tab), /typed before the compiler came/);
  } finally {
    release();
    await browser.close();
    site.close();
  }
});

test("from a keystroke to diagnostics and answers, on the bank's policy", { skip: without }, async () => {
  const site = await serve();
  const browser = await launch();
  try {
    const { tab } = await open(browser, site.url);
    await tab.getByRole("button", { name: "Examples" }).click();
    await tab.getByRole("button", { name: /^Retail bank/ }).click();
    await ready(tab);
    await tab.getByRole("tab", { name: /^transfers/ }).first().click();
    await cell(tab, "Large transfer", "normal").click();
    await settled(tab);
    await editor(tab).click();
    await tab.keyboard.press("Control+Home");
    await tab.evaluate(() => {
      globalThis.long = [];
      new PerformanceObserver((l) => globalThis.long.push(...l.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
    });
    const times = [];
    for (const key of "# a comment that somebody types at leisure") {
      await tab.keyboard.type(key);
      await tab.waitForTimeout(30); // as fast as somebody types
      await settled(tab);
      times.push(await tab.evaluate(() => globalThis.rungPlayground.took()));
    }
    const long = await tab.evaluate(() => globalThis.long);
    figure("keystroke-median-ms", Math.round(median(times)));
    figure("keystroke-95-ms", Math.round(at95(times)));
    figure("longest-task-ms", Math.round(Math.max(0, ...long)));
    assert.ok(times.every((t) => t > 0), times.join()); // each key has been answered
  } finally {
    await browser.close();
    site.close();
  }
});
