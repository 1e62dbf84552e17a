import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { algorithms, challengeOf, format, ParseError, parse, param, problem, query, StepUpError, stepUpOf } from "../dist/challenge.js";

const many = (n) => Array.from({ length: n }, (_, i) => `p${String.fromCharCode(65 + (i % 26))}${"x".repeat(Math.floor(i / 26))}=1,`).join("");

test("lines of challenges", () => {
  for (const [lines, want] of [
    [[], []],
    [["Bearer"], [{ scheme: "Bearer", params: [] }]],
    [["Negotiate abc=="], [{ scheme: "Negotiate", token68: "abc==", params: [] }]],
    [['X a=b, c="d, e" ,, Y'], [{ scheme: "X", params: [["a", "b"], ["c", "d, e"]] }, { scheme: "Y", params: [] }]],
    [['X a="b"', "c=d", "Y e=f"], [{ scheme: "X", params: [["a", "b"], ["c", "d"]] }, { scheme: "Y", params: [["e", "f"]] }]],
    [[String.raw`X a="\a\\\""`], [{ scheme: "X", params: [["a", 'a\\"']] }]],
    [['X a="\u00c3\u00a9"'], [{ scheme: "X", params: [["a", "é"]] }]],
    [["X a=b, Y A=c"], [{ scheme: "X", params: [["a", "b"]] }, { scheme: "Y", params: [["A", "c"]] }]],
  ]) assert.deepEqual(parse(...lines), want, lines.join("\n"));
  assert.equal(parse(`X ${many(32)}`, "Y,".repeat(31)).length, 32);
});

test("lines that are none", () => {
  for (const lines of [
    ["a=b"], ["Bearer, a=b"], ["X abc==, a=b"], ["X a b"], ["X a=, b=c"], ["X a=b, c="], ["X a=b, A=c"], ["X a=b", "a=c"], ['X a="b'], ['X a="b\\'], ['X a="b"c'], ['X a="b\0"'],
    ['X a="\\\r"'], ["X a=b\r\nSet-Cookie: c=d"], ['X a="\u00ff"'], ['X a="\u0101"'], ["X a=é"], ['"X" a=b'], ["X\ta=b"], ["X a=b; c=d"], ["=b"], ["X =b"], ["X,".repeat(33)], [`X ${many(33)}`],
    [",".repeat(8 << 10), ",".repeat((8 << 10) + 1)],
  ]) assert.throws(() => parse(...lines), (e) => e instanceof ParseError && e.line < lines.length && e.offset <= lines[e.line].length, lines.join("\n"));
});

test("challenges as text", () => {
  for (const [c, want] of [
    [{ scheme: "", params: [] }, ""],
    [{ scheme: "X\ta", params: [] }, ""],
    [{ scheme: "X", params: [] }, "X"],
    [{ scheme: "X", token68: "abc=", params: [] }, "X abc="],
    [{ scheme: "X", token68: "not fit", params: [["a", ""]] }, 'X a=""'],
    [{ scheme: "X", params: [["a", "1"], ["A", "2"]] }, 'X a="1"'],
    [{ scheme: "X", params: [["a", '"\\']] }, String.raw`X a="\"\\"`],
    [{ scheme: "X", params: [["a", "é"], ["b", "2"], ["c", "x\r\nSet-Cookie: y"], ['d"', "3"], ["", "4"], ["e", "\x7f"]] }, 'X b="2"'],
  ]) assert.equal(format(c), want);
});

test("what a step_up asks for, as a header", () => {
  const asks = 'error="insufficient_user_authentication", error_description="';
  const bearer = (up) => format(challengeOf(up, { scheme: "Bearer", params: [] }));
  for (const [up, want] of [
    [{}, `Bearer ${asks}A different authentication level is required"`],
    [
      { acr_values: ["phrh", "phr"], max_age: 300, description: "Confirm it.", realm: "bank", scope: "pay", resource_metadata: "https://api.example/x" },
      `Bearer realm="bank", ${asks}Confirm it.", acr_values="phrh phr", max_age="300", scope="pay", resource_metadata="https://api.example/x"`,
    ],
    [{ max_age: 0 }, `Bearer ${asks}More recent authentication is required", max_age="0"`],
    [{ max_age: -1 }, `Bearer ${asks}More recent authentication is required", max_age="0"`],
    [{ reasons: ["Größere", 'say "yes"', "Large transfers."] }, `Bearer ${asks}Large transfers."`],
    [{ reasons: ["a\\b", "a\r\nb", "a".repeat(201), " "] }, `Bearer ${asks}A different authentication level is required"`],
    [{ acr_values: ["a b", 'c"', "d\\", "é", "", "ok"] }, `Bearer ${asks}A different authentication level is required", acr_values="ok"`],
  ]) assert.equal(bearer(up), want);
  assert.match(format(challengeOf({ acr_values: ["phr"] }, { scheme: "DPoP", params: algorithms(["ES256", "PS256"]) })), /^DPoP error=.*acr_values="phr", algs="ES256 PS256"$/);
  assert.deepEqual(algorithms([]), []);
  const acr = param(challengeOf({ acr_values: ["first", ...Array(1000).fill("urn:a-long-name-of-a-level")] }, { scheme: "Bearer", params: [] }), "acr_values");
  assert.ok(acr.length <= 4 << 10 && acr.startsWith("first urn:"));
});

test("what a client finds", () => {
  const up = stepUpOf(parse('Basic realm="x", Bearer error="invalid_token", dpop Error=insufficient_user_authentication, ACR_values="a b", max_age=60, realm="r"'));
  assert.deepEqual(up, { acr_values: ["a", "b"], max_age: 60, realm: "r" });
  assert.deepEqual(query(up), { acr_values: "a b", max_age: "60" });
  assert.equal(stepUpOf(parse('Bearer error="invalid_token", DPoP algs="ES256"')), undefined);
  for (const bad of ['max_age="-1"', 'max_age="+1"', 'max_age="1.0"', 'max_age=""', 'max_age="99999999999"', 'acr_values=""', 'acr_values="a  b"', 'acr_values=" a"', 'acr_values="\u00c3\u00a9"'])
    assert.throws(() => stepUpOf(parse(`Bearer error="insufficient_user_authentication", ${bad}`)), StepUpError, bad);
});

test("the body", () => {
  assert.deepEqual(problem({ acr_values: ["phr"], max_age: -5, methods: [{ one_of: ["hwk", "otp"] }], reasons: ["Große Summe"], realm: "r" }), {
    title: "Unauthorized", status: 401, detail: "A different authentication level is required", error: "insufficient_user_authentication",
    acr_values: ["phr"], max_age: 0, methods: [{ one_of: ["hwk", "otp"] }], reasons: ["Große Summe"],
  });
});

test("what is written reads back, and nothing is read that throws anything else", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(text, fc.array(fc.tuple(text, text)), fc.option(text, { nil: undefined }), (scheme, params, token68) => {
    const line = format({ scheme, params, ...(token68 !== undefined && { token68 }) });
    assert.doesNotMatch(line, /[^\t -~]/);
    if (line) assert.equal(format(parse(line)[0]), line);
  }));
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("X", "a", "=", '"', ",", " ", "\\", "\t", "é", "\0") }), (line) => {
    try {
      parse(line);
    } catch (e) {
      assert.ok(e instanceof ParseError);
    }
  }), { numRuns: 2000 });
});
