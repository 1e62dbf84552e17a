import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fast } from "../dist/fast.js";
import * as sdk from "../dist/index.js";
import { run } from "./conformance.mjs";
import writers from "./made/writers.mjs";

test("every decision case of conformance", () => {
  const file = JSON.parse(readFileSync(new URL("made/cases.json", import.meta.url), "utf8"));
  const { count, failed, taken } = run(file, { ...sdk, fast }, writers);
  assert.equal(failed.join("\n"), "");
  assert.equal(count, file.cases.length);
  assert.ok(count > 1800);
  assert.ok(taken > 1200, `${taken} decided by the code of their policies`);
});
