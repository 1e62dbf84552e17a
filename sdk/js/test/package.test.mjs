import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (tool, ...args) => {
  const { status, stdout, stderr } = spawnSync(`${root}node_modules/.bin/${tool}`, args, { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  return stdout;
};

test("lint and formatting", () => run("biome", "check", "src"));
test("the package's shape, as npm and TypeScript see it", () => {
  assert.match(run("publint"), /All good/);
  run("attw", "--pack", ".", "--profile", "esm-only", "--format", "ascii");
});
