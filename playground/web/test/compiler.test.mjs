// How long the page waits for its workers, by a clock of the test's.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { here } from "./site.mjs";

const { outputFiles } = await build({ entryPoints: [join(here, "..", "src", "compiler.ts")], bundle: true, format: "esm", write: false });
const { Compiler, patience } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

/** Timers that go by `at`: what is due runs in turn, as in a page that was held up until then. */
function clock(t) {
  let now = 0;
  const due = new Map();
  let last = 0;
  t.mock.method(globalThis, "setTimeout", (run, after) => (due.set(++last, { run, at: now + after }), last));
  t.mock.method(globalThis, "clearTimeout", (id) => due.delete(id));
  return (at) => {
    now = at;
    for (const [id, { run, at }] of [...due].sort((a, b) => a[1].at - b[1].at)) if (at <= now && due.delete(id)) run();
  };
}

test("a call that does not end is late, once", (t) => {
  const at = clock(t);
  let late = 0;
  patience(2000, () => late++);
  for (let ms = 0; ms < 2000; ms += 50) at(ms);
  assert.equal(late, 0);
  for (let ms = 2000; ms < 9000; ms += 50) at(ms);
  assert.equal(late, 1);
});

test("a call that has ended is not late", (t) => {
  const at = clock(t);
  const enough = patience(2000, () => assert.fail("late"));
  for (let ms = 0; ms < 1000; ms += 50) at(ms);
  enough();
  for (let ms = 1000; ms < 9000; ms += 50) at(ms);
});

test("a machine that sleeps makes no call late", (t) => {
  const at = clock(t);
  let late = 0;
  patience(2000, () => late++);
  at(100);
  at(3_600_000);
  at(3_600_100);
  assert.equal(late, 0);
  for (let ms = 0; ms <= 2000; ms += 50) at(3_600_100 + ms);
  assert.equal(late, 1);
});

test("what another call's delay has ended is lost, and not late", async (t) => {
  const at = clock(t);
  const workers = [];
  const told = [];
  const compiler = new Compiler(
    () => {
      const worker = { ended: false, postMessage() {}, terminate: () => (worker.ended = true) };
      workers.push(worker);
      return worker;
    },
    (p) => told.push(p.state),
  );
  workers[0].onmessage({ data: { ready: true, warm: 0 } });
  const calls = [compiler.call("complete", null, 1000), compiler.call("open", null, 2000)];
  const ends = Promise.allSettled(calls);
  for (let ms = 0; ms <= 1500; ms += 50) at(ms);
  assert.deepEqual((await ends).map((e) => e.reason.why), ["late", "lost"]);
  assert.deepEqual(workers.map((w) => w.ended), [true, false]);
  assert.deepEqual(told, ["loading", "ready", "loading"]);
  await assert.rejects(compiler.call("open"), /not there yet/);
  for (let ms = 1000; ms <= 9000; ms += 50) at(ms);
  assert.equal(workers.length, 2);
});
