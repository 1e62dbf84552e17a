import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import * as core from "../dist/core.js";
import { decideWith, LoadError, load, loadSync } from "../dist/index.js";
import { loadSync as loadFast } from "./made/bank.mjs";
import { parseBytes, parseDuration, parseInteger, parseTimestamp } from "../dist/values.js";

const made = (name) => readFileSync(new URL(`made/${name}.wasm`, import.meta.url));
const now = new Date("2026-11-20T12:00:00Z");
const lazy = loadSync(made("lazy"), { clock: () => now });
const pay = (resource, signals = {}, more = {}) => lazy.decide({ action: "pay", signals: { session: { amr: ["pwd"] }, reputation: 1, fraud: { score: 0 }, history: null, resource, ...signals }, ...more });
const wrong = (d) => d.error && `${d.error.code} ${d.error.path ?? ""}`;

test("sources", async () => {
  const bytes = made("lazy");
  const module = new WebAssembly.Module(bytes);
  for (const source of [bytes, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), module, Promise.resolve(bytes), new Response(bytes), Promise.resolve(new Response(bytes)), new URL("made/lazy.wasm", import.meta.url)]) {
    assert.equal((await load(source)).identity.name, "lazy");
  }
  assert.equal(loadSync(module).decide({ action: "look" }).effect, "allow");
  assert.equal(core.loadSync(module).decide({ action: "look" }).effect, "allow");
  assert.equal(core.loadSync(module).decideJSON, undefined);
  const foreign = vm.runInNewContext("new WebAssembly.Module(bytes)", { bytes });
  assert.equal((await load(foreign)).identity.name, "lazy");
  for (const bad of [new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), new Uint8Array(4), new Response("no", { status: 404 })]) await assert.rejects(load(bad), LoadError);
  assert.throws(() => loadSync(new Uint8Array()), LoadError);
});

test("what is wrong with a source is said", async () => {
  const page = () => new Response("<!doctype html><title>Not found</title>", { headers: { "content-type": "text/html" } });
  await assert.rejects(load(page()), /magic word.*import it and pass the module/);
  await assert.rejects(load("policy.wasm"), /buffer source/);
  const missing = Object.defineProperty(new Response("", { status: 404 }), "url", { value: "https://x.example/policy.wasm" });
  await assert.rejects(load(missing), /^LoadError: status 404 from https:\/\/x\.example\/policy\.wasm/);
  const later = Uint8Array.from(made("lazy"));
  later[Buffer.from(later).indexOf('"abi":1') + 6] = 0x32;
  assert.throws(() => loadSync(later), /no module of a policy with ABI 1/);
  for (const text of [{ action: "look" }, undefined, null, 1, [1]]) assert.equal(lazy.decideJSON(text).error.message, "the request is no text");
  class Resource {
    amount = 1;
  }
  assert.match(pay(new Resource()).error.message, /no plain object/);
});

test("options are held against the policy when it is loaded", () => {
  const bytes = made("lazy");
  assert.throws(() => loadSync(bytes, { posture: "elevatd" }), /posture/);
  assert.throws(() => loadSync(bytes, { params: { limit: "1" } }), /\/params\/limit/);
  assert.throws(() => loadSync(bytes, { params: { limt: 1 } }), /\/params\/limt/);
  let posture = "normal";
  const dial = loadSync(bytes, { clock: () => +now, posture: () => posture, params: { limit: 10 } });
  const ask = (more) => dial.decide({ action: "pay", signals: { session: { amr: ["pwd"] }, reputation: 1, fraud: { score: 0 }, history: null, resource: { amount: 50 } }, ...more });
  assert.deepEqual(ask().reasons.map((r) => r.rule), ["pay/large"]);
  assert.equal(ask({ params: { limit: 100 } }).effect, "allow");
  posture = "elevated";
  assert.deepEqual(ask().reasons.map((r) => r.rule), ["pay/elevated", "pay/large"]);
  assert.deepEqual(ask({ posture: "normal" }).reasons.map((r) => r.rule), ["pay/large"]);
});

test("what is the host's to say is refused in a text, and taken beside it", () => {
  const strict = loadSync(made("lazy"), { clock: () => now });
  for (const [name, value] of [["now", '"2026-11-20T12:00:00Z"'], ["posture", '"elevated"'], ["params", '{"limit": 1}']])
    assert.equal(wrong(strict.decideJSON(`{"action": "look", "${name}": ${value}}`)), `invalid_request /${name}`);
  assert.equal(strict.decideJSON('{"action": "look"}', { posture: "elevated", now }).posture, "elevated");
  assert.equal(wrong(strict.decideJSON('{"action": "look"}', { posture: "x" })), "invalid_request /posture");
  assert.equal(loadSync(made("lazy"), { trusted: true }).decideJSON('{"action": "look", "posture": "elevated"}').posture, "elevated");
});

test("values", () => {
  const tags = { action: "pay" };
  assert.equal(pay({ amount: 1 }).effect, "allow");
  assert.equal(pay(new Map([["amount", 1]])).effect, "allow");
  assert.equal(pay(Object.assign(Object.create(null), { amount: 1 })).effect, "allow");
  assert.equal(pay(vm.runInNewContext("({amount: 1, count: 3n})")).effect, "allow");
  assert.equal(pay({ amount: 1, tags: { risk: "high" } }).effect, "step_up");
  assert.equal(pay({ amount: 1, tags: new Map([["risk", "high"]]) }).effect, "step_up");
  assert.equal(pay({ amount: 1, tags: { é: "x", "\u{10000}": "y", "\uffff": "z", risk: "high", a: undefined } }).effect, "step_up");
  for (const count of [11, 11n, "11", 2 ** 53]) assert.equal(pay({ amount: 1, count }).effect, "step_up");
  assert.equal(pay({ amount: 1, more: { a: [1, null, true, "x", { b: {} }] } }).effect, "allow");
  for (const [resource, path] of [
    [{ amount: "1" }, "amount"], [{ amount: Number.NaN }, "amount"], [{ amount: Infinity }, "amount"], [{ amount: 1n }, "amount"], [{ amount: [1] }, "amount"],
    [{ count: 1.5 }, "count"], [{ count: 2 ** 53 + 2 }, "count"], [{ count: 1n << 63n }, "count"], [{ count: "01" }, "count"], [{ count: "9223372036854775808" }, "count"], [{ count: true }, "count"],
    [{ tags: { a: 1 } }, "tags/a"], [{ tags: [] }, "tags"], [{ tags: { "a/b~": null } }, "tags/a~1b~0"], [{ tags: { "\ud800": "x" } }, "tags"], [{ tags: new Map([[1, "x"]]) }, "tags"],
    [{ tags: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, "x"])) }, "tags"], [{ tags: { a: "x".repeat(65537) } }, "tags/a"], [{ tags: { a: "\udc00" } }, "tags/a"],
    [{ more: new Date() }, "more"], [{ more: [() => 1] }, "more/0"], [{ more: [, 1] }, "more/0"], [{ more: 1n }, "more"], [{ more: { a: Symbol("x") } }, "more/a"],
  ]) assert.equal(wrong(pay({ amount: 1, ...resource })), `invalid_request /signals/resource/${path}`);
  assert.equal(wrong(pay([])), "invalid_request /signals/resource");
  assert.equal(wrong(pay(new (class A {})())), "invalid_request /signals/resource");
  assert.equal(wrong(pay(Promise.resolve({ amount: 1 }))), "invalid_request /signals/resource");
  assert.equal(wrong(lazy.decide({ action: "look", signals: { resource: {} } })), "invalid_request /signals/resource");
  assert.equal(lazy.decide({ action: "look", signals: { resource: null } }).effect, "allow");
  assert.equal(wrong(lazy.decide({ ...tags, signals: { session: { level: 3 } } })), "invalid_request /signals/session/level");
  assert.equal(wrong(lazy.decide({ ...tags, signals: { session: { level: "3" } } })), "invalid_request /signals/session/level");
  assert.equal(wrong(lazy.decide({ ...tags, signals: { session: { level: null, authentications: [{ acr: "x", time: "now" }] } } })), "invalid_request /signals/session/authentications/0/time");
  assert.equal(wrong(lazy.decide({ ...tags, signls: {} })), "invalid_request /signls");
  for (const bad of [null, undefined, 1, "x", [], () => 1, new Date(), { action: 1 }, {}]) assert.match(wrong(lazy.decide(bad)), /^invalid_request (\/action)?$/);
  assert.equal(wrong(lazy.decide({ action: "payy" })), "unknown_action /action");
  assert.equal(wrong(lazy.decide({ action: "look", now: new Date(Number.NaN) })), "invalid_request /now");
  let deep = {};
  for (let i = 0; i < 70; i++) deep = { a: deep };
  assert.equal(lazy.decide({ ...tags, signals: { resource: { more: deep } } }).error.path, `/signals/resource/more${"/a".repeat(60)}`);
});

test("unknown signals and attributes are ignored and counted, or refused", () => {
  const before = lazy.ignored;
  assert.equal(pay({ amount: 1, amuont: 2 }, { sesion: {}, device: { x: 1 } }).effect, "allow");
  assert.equal(lazy.ignored, before + 3);
  const strict = loadSync(made("lazy"), { strict: true });
  assert.equal(wrong(strict.decide({ action: "look", signals: { sesion: {} } })), "invalid_request /signals/sesion");
  assert.equal(wrong(strict.decide({ action: "look", signals: { device: { x: 1 } } })), "invalid_request /signals/device/x");
});

test("nothing of a sensitive signal is shown", () => {
  const strict = loadSync(made("lazy"), { strict: true });
  for (const secret of [{ pin: 4711 }, { "4711": 1 }, { notes: { "4711": 4711 } }, { notes: ["4711"] }, { pin: "4711\ud800" }]) {
    const plain = strict.decide({ action: "look", signals: { secret } });
    assert.doesNotMatch(JSON.stringify(plain), /4711/);
    assert.equal(plain.error.code, "invalid_request");
  }
  for (const text of ['{"pin": 4711}', '{"4711": 1}', '{"notes": {"4711": 4711}}', '{"notes": {"4711": "\\ud800"}}', '{"notes": {"4711": {"a": 1, "a": 2}}}', '{"4711": 1, "4711": 2}'])
    assert.doesNotMatch(JSON.stringify(strict.decideJSON(`{"action": "look", "signals": {"secret": ${text}}}`)), /4711/, text);
});

test("requests that need more room, and those that need too much", () => {
  const many = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`key ${i}`, "é".repeat(200)]));
  assert.equal(pay({ amount: 1, tags: { ...many, risk: "high" } }).effect, "step_up");
  assert.equal(pay({ amount: 1 }).effect, "allow");
  const huge = Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => "x".repeat(100)));
  assert.equal(wrong(pay({ amount: 1, more: huge })), "engine_error ");
  assert.equal(pay({ amount: 1 }).effect, "allow");
});

test("text forms", () => {
  for (const [s, want] of [
    ["90s", 90_000_000_000n], ["1h30m", 5_400_000_000_000n], ["-1.5h", -5_400_000_000_000n], ["250ms", 250_000_000n], ["0", 0n], ["+5s", 5_000_000_000n], [".5s", 500_000_000n], ["5.s", 5_000_000_000n], ["1µs", 1000n],
    ["-9223372036854775808ns", -(1n << 63n)], ["2562047h47m16.854775807s", (1n << 63n) - 1n], ["0.3333333333333333333h", 1_200_000_000_000n],
    ["9223372036854775808ns", undefined], ["1", undefined], ["", undefined], ["s", undefined], [".s", undefined], ["1 s", undefined], ["1d", undefined], ["1e3s", undefined], ["9".repeat(60000), undefined],
  ]) assert.equal(parseDuration(s), want, s.slice(0, 40));
  for (const [s, want] of [
    ["1970-01-01T00:00:00Z", [0, 0]], ["1970-01-01T01:00:00+01:00", [0, 0]], ["1969-12-31T23:59:59.5Z", [-1, 500_000_000]], ["2024-02-29T00:00:00.123456789-23:59", [1709251140, 123456789]],
    ["0001-01-01T00:00:00Z", [-62135596800, 0]], ["9999-12-31T23:59:59.999999999Z", [253402300799, 999999999]],
  ]) assert.deepEqual(parseTimestamp(s), [want[0] * 1000, want[1]], s);
  for (const s of [
    "2023-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01t00:00:00Z", "2024-01-01T00:00:00z", "2024-01-01T00:00:00",
    "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+00:60", "0000-12-31T23:00:00-01:00", "2024-01-01T00:00:00Z\n",
  ]) assert.ok(Number.isNaN(parseTimestamp(s)[0]), s);
  // Their moments lie beyond the years.
  for (const now of ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", -62135596800001, 253402300800000, Number.NaN, {}, true]) assert.equal(wrong(lazy.decide({ action: "look", now })), "invalid_request /now", String(now));
  for (const now of [-62135596800000, 253402300799999, 0.5]) assert.equal(lazy.decide({ action: "look", now }).effect, "allow");
  for (const [s, want] of [["0", 0n], ["-5", -5n], ["-0", undefined], ["+1", undefined], ["01", undefined], ["1.0", undefined], ["", undefined], ["9223372036854775807", (1n << 63n) - 1n], ["9223372036854775808", undefined]]) assert.equal(parseInteger(s, true), want, s);
  assert.equal(parseInteger("-1", false), undefined);
  assert.deepEqual(parseBytes("AQI="), new Uint8Array([1, 2]));
  for (const s of ["AQI", "AQJ=", "AQ I=", "AQI=\n"]) assert.equal(parseBytes(s), undefined, s);
  for (const s of ["-_==", "="]) assert.throws(() => parseBytes(s), s);
});

test("providers are asked for what the outcome turns on, at once and once", async () => {
  const calls = [];
  let meet;
  const both = new Promise((resolve) => (meet = resolve));
  const provider = (name, v) => async ({ signal, request, abort }) => {
    calls.push(name);
    assert.equal(signal, name);
    assert.equal(request.action, "pay");
    assert.ok(abort instanceof AbortSignal);
    if (calls.length === 2) meet();
    await both; // neither goes on without the other
    return v;
  };
  const request = { action: "pay", signals: { session: { amr: ["pwd"] }, resource: { amount: 50 } } };
  assert.equal((await decideWith(lazy, { reputation: provider("reputation", 0.5), fraud: provider("fraud", { score: 0.1 }), history: provider("history", []) }, request)).effect, "allow");
  assert.deepEqual(calls.sort(), ["fraud", "reputation"]);
  assert.deepEqual(request, { action: "pay", signals: { session: { amr: ["pwd"] }, resource: { amount: 50 } } });
  assert.equal((await decideWith(lazy, {}, { action: "look" })).effect, "allow");
  assert.equal(wrong(await decideWith(lazy, {}, null)), "invalid_request ");
});

test("a provider that fails, is late, or answers with what is none, leaves the signal missing", async () => {
  // Only the one that never answers is late, however busy the machine is.
  const never = () => new Promise(() => {});
  for (const [bad, why] of [
    [undefined, /no provider/], [() => { throw new Error("down"); }, /down/], [async () => { throw new Error("down"); }, /down/], [never, /late/], [() => "high", /reputation|double/], [() => ({ then: 1 }), /double/],
  ]) {
    const told = [];
    const d = await decideWith(lazy, { reputation: bad, fraud: () => null, history: () => ["x"] }, { action: "pay", signals: { resource: { amount: 50 } } }, { timeout: bad === never ? 20 : 600_000, report: (signal, e) => told.push(`${signal} ${e.message}`) });
    assert.equal(d.effect, "deny");
    assert.deepEqual(d.reasons.map((r) => r.rule), ["pay/listed"]);
    assert.match(told[0], why);
    assert.equal(told.length, 1);
  }
  const abort = new AbortController();
  const waiting = decideWith(lazy, { reputation: () => new Promise(() => {}), fraud: () => null }, { action: "pay", signals: { resource: { amount: 1 } } }, { timeout: 60_000, abort: abort.signal });
  abort.abort();
  assert.equal((await waiting).effect, "deny");
});

test("a request that decides while it is read", () => {
  const bank = loadSync(made("bank"));
  const nested = { action: "look", signals: { get session() { return bank.decide({ action: "rates.view" }); } } };
  assert.notEqual(lazy.decide(nested).effect, "step_up");
  let inner;
  lazy.decide({ action: "look", get signals() { inner = lazy.decide({ action: "look" }); return {}; } });
  assert.equal(wrong(inner), "engine_error ");
});

/** Whatever somebody passes, as a request or in one. */
const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withBoxedValues: true });

test("whatever comes, nothing is thrown, and nothing is allowed that does not prove it", () => {
  const names = fc.constantFrom("session", "device", "network", "resource", "subject", "secret", "reputation", "fraud", "history", "__proto__", "constructor", "acr", "amr", "auth_time", "authentications", "amount", "more", "tags", "x");
  const some = fc.oneof(anything, fc.dictionary(names, fc.oneof(anything, fc.dictionary(names, anything))));
  let refused = 0;
  const check = (request) => {
    const d = lazy.decide(request);
    assert.ok(["deny", "step_up", "need"].includes(d.effect), JSON.stringify(d));
    if (d.error) refused++;
    JSON.stringify(d);
  };
  fc.assert(fc.property(anything, check), { numRuns: 700 });
  fc.assert(fc.property(some, (signals) => check({ action: "pay", signals })), { numRuns: 700 });
  fc.assert(fc.property(some, (session) => check({ action: "pay", signals: { session, reputation: 1, fraud: { score: 0 } } })), { numRuns: 700 });
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.uint8Array()), (text) => assert.notEqual(lazy.decideJSON(text).effect, "allow")), { numRuns: 700 });
  assert.ok(refused > 500);
});

test("what an object does not have itself reaches no signal", () => {
  const strong = { acr: "aal3", amr: ["hwk", "mfa"], auth_time: now };
  const base = { action: "pay", now };
  const asked = (session) => lazy.decide({ ...base, signals: { session, reputation: 1, fraud: { score: 0 }, history: null, resource: { amount: 500 } } });
  assert.equal(asked(strong).effect, "allow");
  class Session {
    get acr() {
      return "aal3";
    }
  }
  for (const session of [Object.create(strong), JSON.parse('{"__proto__": {"acr": "aal3", "amr": ["hwk", "mfa"]}}'), { __proto__: strong }, { constructor: strong }, new Session(), Object.assign(new Session(), {})]) {
    assert.notEqual(asked(session).effect, "allow");
  }
  const polluted = { acr: "aal3", session: strong, signals: { session: strong }, amr: ["hwk", "mfa"], 0: "hwk", action: "look" };
  Object.assign(Object.prototype, polluted);
  try {
    assert.equal(wrong(lazy.decide({})), "invalid_request /action");
    assert.notEqual(lazy.decide({ ...base, signals: { reputation: 1, fraud: { score: 0 }, history: null, resource: { amount: 500 } } }).effect, "allow");
    assert.notEqual(asked({}).effect, "allow");
    assert.notEqual(asked({ amr: [,] }).effect, "allow");
    assert.notEqual(lazy.decideJSON('{"action": "pay", "signals": {"session": {}, "reputation": 1, "fraud": {"score": 0}}}').effect, "allow");
  } finally {
    for (const k of Object.keys(polluted)) delete Object.prototype[k];
  }
});

test("members that are accessors are read once, or refused where the policy is strict", () => {
  const strict = loadSync(made("lazy"), { clock: () => now, strict: true });
  const asking = (make) => {
    let asked = 0;
    const count = (v) => () => {
      asked++;
      return v;
    };
    return { request: make(count), asked: () => asked };
  };
  const getter = (o, name, get) => Object.defineProperty(o, name, { get, enumerable: true, configurable: true });
  const signals = { reputation: 1, fraud: { score: 0 }, history: null };
  for (const [make, path] of [
    [(count) => getter({ action: "pay" }, "signals", count({})), "/signals"],
    [(count) => ({ action: "pay", signals: getter({ ...signals }, "session", count({ acr: "aal3" })) }), "/signals/session"],
    [(count) => ({ action: "pay", signals: { ...signals, session: getter({}, "acr", count("aal3")) } }), "/signals/session/acr"],
    [(count) => ({ action: "pay", signals: { ...signals, session: { amr: getter(["x"], 0, count("hwk")) } } }), "/signals/session/amr/0"],
    [(count) => ({ action: "pay", signals: { ...signals, resource: { more: { a: getter({}, "b", count(1)) } } } }), "/signals/resource/more/a/b"],
    [(count) => ({ action: "pay", signals: { ...signals, resource: { tags: getter({}, "risk", count("high")) } } }), "/signals/resource/tags/risk"],
    [(count) => getter({ action: "pay" }, "now", count(now)), "/now"],
    [(count) => getter({ action: "pay" }, "posture", count("elevated")), "/posture"],
    [(count) => getter({ action: "pay" }, "params", count({ limit: 1 })), "/params"],
  ]) {
    const a = asking(make);
    assert.equal(wrong(strict.decide(a.request)), `invalid_request ${path}`);
    assert.equal(a.asked(), 0, path);
    const b = asking(make);
    assert.equal(lazy.decide(b.request).error, undefined, path);
    assert.equal(b.asked(), 1, path);
  }
  const setter = Object.defineProperty({}, "acr", { set() {}, enumerable: true });
  assert.equal(wrong(strict.decide({ action: "pay", signals: { session: setter } })), "invalid_request /signals/session/acr");
  // What one throws is a refusal, with its place.
  const session = getter({}, "acr", () => {
    throw new Error("no");
  });
  assert.deepEqual(lazy.decide({ action: "pay", signals: { session } }).error, { code: "invalid_request", message: 'it throws "no"', path: "/signals/session/acr" });
});

test("in a strict policy, whatever has an accessor somewhere is refused, and none of them runs", () => {
  const strict = loadSync(made("lazy"), { clock: () => now, strict: true });
  const names = ["session", "acr", "amr", "auth_time", "resource", "more", "tags", "amount", "secret", "pin", "notes"];
  const strong = { session: { acr: "aal3", amr: ["hwk"], auth_time: now }, resource: { amount: 1, more: { a: [1] }, tags: { risk: "low" } }, secret: { pin: "1" } };
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.anything(), (name, v) => {
      let ran = false;
      let there = false;
      const copy = (o) => {
        if (Array.isArray(o) || o instanceof Date || typeof o !== "object") return o;
        const out = {};
        for (const [k, x] of Object.entries(o)) {
          if (k !== name) out[k] = copy(x);
          else {
            there = true;
            Object.defineProperty(out, k, { enumerable: true, get: () => ((ran = true), v) });
          }
        }
        return out;
      };
      const d = strict.decide({ action: "pay", signals: copy(strong) });
      assert.equal(d.error?.code === "invalid_request", there);
      assert.equal(ran, false);
    }),
  );
});

test("a proxy gives one answer, and what it throws is a refusal", () => {
  let asked = 0;
  const counting = new Proxy({ acr: "aal1" }, { get: (t, k) => (k === "acr" && asked++, t[k]) });
  lazy.decide({ action: "pay", signals: { session: counting } });
  assert.equal(asked, 1);
  const trap = () => {
    throw new Error("no");
  };
  for (const handler of ["get", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"]) {
    for (const at of [(p) => p, (p) => ({ action: "pay", signals: p }), (p) => ({ action: "pay", signals: { session: p } }), (p) => ({ action: "pay", signals: { resource: { more: p } } }), (p) => ({ action: "pay", signals: { history: p } })]) {
      const d = lazy.decide(at(new Proxy({ action: "pay" }, { [handler]: trap })));
      assert.notEqual(d.effect, "allow");
    }
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(lazy.decide({ action: "pay", signals: { session: proxy } }).error.code, "invalid_request");
  assert.equal(lazy.decide({ action: "pay", get signals() { throw Object.create(null, { message: { get: trap } }); } }).error.code, "invalid_request");
  // One that answers differently each time is held against the types each time, and what was held is what is written.
  let n = 0;
  const shifty = new Proxy({ acr: "" }, { get: () => (n++ % 2 ? 7 : "aal3") });
  for (let i = 0; i < 4; i++) lazy.decide({ action: "pay", signals: { session: shifty } });
});

test("what says of its size what it likes writes nothing beside its place", () => {
  const before = JSON.stringify(pay({ amount: 1 }));
  for (const length of [Number.NaN, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, Infinity, "x", {}, null, undefined, { valueOf: () => Number.NaN }]) {
    const list = new Proxy(["hwk", "mfa"], { get: (t, k) => (k === "length" ? length : t[k]) });
    assert.notEqual(lazy.decide({ action: "pay", now, signals: { session: { acr: "aal1", amr: list } } }).effect, "allow");
    assert.equal(JSON.stringify(pay({ amount: 1 })), before, String(length));
  }
  class Long extends Uint8Array {
    get length() {
      return 2;
    }
  }
  assert.equal(parseBytes(new Long(70_000)).length, 70_000);
});

for (const [how, load] of [["", (o) => loadSync(made("bank"), o)], [", by code of the policy's own", loadFast]]) test(`a million decisions on one instance take no more memory${how}`, async () => {
  const policy = load({ clock: () => +now });
  const request = (i) => ({ action: "transfer.create", signals: { session: { acr: "urn:bank:acr:pwd", amr: ["pwd"], auth_time: new Date(+now - i * 1000) }, resource: { amount: i % 5000, currency: "EUR", payee_country: "DE" } } });
  const { gc } = globalThis;
  const used = () => {
    gc?.();
    return process.memoryUsage();
  };
  const run = (n) => {
    for (let i = 0; i < n; i++) policy.decide(request(i));
  };
  run(100_000);
  const before = used();
  run(900_000);
  const after = used();
  assert.equal(after.arrayBuffers <= before.arrayBuffers, true, "of modules");
  if (gc) assert.ok(after.heapUsed - before.heapUsed < 1 << 20, `${after.heapUsed - before.heapUsed} bytes more`);
});
