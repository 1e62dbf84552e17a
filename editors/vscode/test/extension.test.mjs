import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const bin = (name) => join(root, "node_modules", ".bin", name);
const run = (file, args, options = {}) => execFileSync(file, args, { cwd: root, encoding: "utf8", stdio: "pipe", ...options });

let dir;
let rung;

before(() => {
  dir = mkdtempSync(join(tmpdir(), "rung-"));
  rung = join(dir, "rung");
  run("go", ["build", "-trimpath", "-o", rung, "."], { cwd: join(root, "..", "..", "cmd", "rung"), env: { ...process.env, CGO_ENABLED: "0" } });
});

after(() => rmSync(dir, { recursive: true, force: true }));

test("the grammar colours policies and the CEL in them", () => {
  const files = readdirSync(join(root, "test", "grammar")).map((name) => join("test", "grammar", name));
  assert.equal(files.length, 2);
  run(bin("vscode-tmgrammar-test"), ["--config", "package.json", ...files]);
});

test("a wrong colour fails", () => {
  const file = join(dir, "wrong.rung.hcl");
  writeFileSync(file, '# SYNTAX TEST "source.rung" "wrong"\npolicy "x" {\n# <------ string.quoted.double.rung\n}\n');
  assert.throws(() => run(bin("vscode-tmgrammar-test"), ["--config", "package.json", file]));
});

test("the examples have no colour of mistakes", () => {
  const examples = join(root, "..", "..", "examples", "bank");
  for (const name of readdirSync(examples).filter((name) => name.endsWith(".hcl"))) {
    const out = run(bin("vscode-tmgrammar-snap"), ["--config", "package.json", "--scope", "source.rung", "--updateSnapshot", copied(examples, name)]);
    assert.ok(out !== undefined);
    const snap = readFileSync(join(dir, `${name}.snap`), "utf8");
    assert.doesNotMatch(snap, /invalid\.illegal/, name);
    assert.match(snap, /source\.rung/, name);
  }
});

function copied(folder, name) {
  const to = join(dir, name);
  writeFileSync(to, `${readFileSync(join(folder, name), "utf8")}`);
  return to;
}

test("vsce packages what users need, and nothing else", () => {
  const vsix = join(dir, "rung.vsix");
  run(bin("vsce"), ["package", "--no-dependencies", "--out", vsix]);
  const names = run(bin("vsce"), ["ls", "--no-dependencies"]).trim().split("\n").sort();
  assert.deepEqual(names, [
    "LICENSE",
    "README.md",
    "dist/extension.js",
    "language-configuration.json",
    "package.json",
    "snippets/rung.json",
    "syntaxes/cel.tmLanguage.json",
    "syntaxes/rung.tmLanguage.json",
  ]);
  assert.equal(readFileSync(vsix).subarray(0, 2).toString(), "PK");
  const bundle = readFileSync(join(root, "dist", "extension.js"), "utf8");
  assert.match(bundle, /require\("vscode"\)/);
  assert.ok(bundle.length < 700_000, `the bundle has ${bundle.length} bytes`);
});

test("the problem matcher reads what rung check prints", () => {
  const { problemMatchers } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).contributes;
  const [first, second] = problemMatchers[0].pattern.map((p) => new RegExp(p.regexp));
  writeFileSync(join(dir, "wrong.rung.hcl"), 'policy "p" {\n  language = 1\n}\n\naction "a" {\n  level = "aal1"\n  deny "d" { when = "subject.ide == \'\'" }\n}\n');
  let printed = "";
  try {
    run(rung, ["check", "--color=never", join(dir, "wrong.rung.hcl")]);
  } catch (error) {
    printed = error.stdout;
  }
  const lines = printed.split("\n");
  const at = lines.findIndex((line) => first.test(line));
  assert.notEqual(at, -1, printed);
  assert.deepEqual([...first.exec(lines[at])].slice(1, 4), ["error", "`subject` has no attribute `ide`", "cel-unknown"]);
  assert.deepEqual([...second.exec(lines[at + 1])].slice(1, 4), ["wrong.rung.hcl", "7", "30"]);
});

test("snippets are policies", () => {
  const snippets = JSON.parse(readFileSync(join(root, "snippets", "rung.json"), "utf8"));
  const fill = (body) =>
    body
      .join("\n")
      .replaceAll("$CURRENT_YEAR", "2999")
      .replaceAll(/\$\{\d+\|([^,|]*)[^}]*\}/g, "$1")
      .replaceAll(/\$\{\d+:([^{}]*)\}/g, "$1")
      .replaceAll(/\$\d/g, "");
  const text = (name) => fill(snippets[name].body).replaceAll("condition", "true");
  const policies = {
    Policy: text("Policy"),
    Action: `policy "p" {\n  language = 1\n}\n${text("Action")}`,
    Level: `policy "p" {\n  language = 1\n}\n${text("Level")}\naction "a" {\n  level = "name"\n}`,
    Signal: `policy "p" {\n  language = 1\n}\n${text("Signal")}\naction "a" {\n  level = "aal1"\n}`,
    Rules: `policy "p" {\n  language = 1\n}\naction "a" {\n  level = "aal1"\n${text("Step-up rule")}\n}\naction "b" {\n  level = "aal1"\n${text("Deny rule")}\n}\naction "c" {\n  level = "aal1"\n${text("Rule on trial")}\n}`,
  };
  for (const [name, policy] of Object.entries(policies)) {
    const file = join(dir, `${name}.rung.hcl`);
    writeFileSync(file, `${policy}\n`);
    assert.equal(run(rung, ["check", "--json", "--ignore=unused", file]).includes('"severity":"error"'), false, name);
  }
});

test("the client of the extension and the server understand each other", async () => {
  const { server, documents } = require("../src/server.js");
  assert.deepEqual(server(undefined), { command: "rung", args: ["lsp"] });
  assert.equal(documents[0].language, "rung");
  const { command, args } = server(rung);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const rpc = require("vscode-jsonrpc/node");
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(child.stdout), new rpc.StreamMessageWriter(child.stdin));
  const published = new Promise((resolve) => connection.onNotification("textDocument/publishDiagnostics", resolve));
  connection.listen();
  const { capabilities } = await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  assert.equal(capabilities.hoverProvider, true);
  await connection.sendNotification("initialized", {});
  const uri = "untitled:Untitled-1.rung.hcl";
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "rung", version: 1, text: 'policy "p" {\n  language = 2\n}\n' } });
  const hover = await connection.sendRequest("textDocument/hover", { textDocument: { uri }, position: { line: 1, character: 4 } });
  assert.match(hover.contents.value, /language/);
  assert.equal((await published).diagnostics[0].severity, 1);
  await connection.sendRequest("shutdown");
  const left = new Promise((resolve) => child.on("exit", resolve));
  await connection.sendNotification("exit");
  assert.equal(await left, 0);
  connection.dispose();
});
