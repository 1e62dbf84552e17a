import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as sdk from "../dist/index.js";
import { run } from "./conformance.mjs";

test("every decision case of conformance", () => {
  const file = JSON.parse(readFileSync(new URL("made/cases.json", import.meta.url), "utf8"));
  const { count, failed } = run(file, sdk);
  assert.equal(failed.join("\n"), "");
  assert.equal(count, file.cases.length);
  assert.ok(count > 1800);
});
