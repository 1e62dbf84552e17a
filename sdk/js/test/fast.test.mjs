// A policy that decides by the code that rung has written for it, against the same policy without.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { fast } from "../dist/fast.js";
import { Policy } from "../dist/index.js";
import { written } from "./conformance.mjs";
import bankWriter from "./made/bank.writer.mjs";
import lazyWriter from "./made/lazy.writer.mjs";
import { loadSync as loadShapes } from "./made/shapes.mjs";
import shapesWriter from "./made/shapes.writer.mjs";

const now = new Date("2026-11-20T12:00:00Z");
const module = (name) => new WebAssembly.Module(readFileSync(new URL(`made/${name}.wasm`, import.meta.url)));
const modules = { lazy: module("lazy"), bank: module("bank"), shapes: module("shapes") };
const writers = { lazy: lazyWriter, bank: bankWriter, shapes: shapesWriter };

/** The two policies, which are to be alike. */
function pair(name, options = { clock: () => now }) {
  const plain = new Policy(modules[name], options);
  const own = written(modules[name], writers[name], { fast }, options);
  return {
    own,
    plain,
    /** Decides by both; whether the policy's own code took the request. */
    decide(request) {
      const before = [own.taken, own.policy.ignored, plain.ignored];
      const got = own.policy.decide(request);
      assert.deepEqual(got, plain.decide(request));
      assert.equal(own.policy.ignored - before[1], plain.ignored - before[2], "ignored");
      return { got, took: own.taken > before[0] };
    },
  };
}

const pay = (resource, signals = {}, more = {}) => ({ action: "pay", signals: { session: { amr: ["pwd"] }, reputation: 1, fraud: { score: 0 }, history: null, resource, ...signals }, ...more });

test("it takes what applications send, and leaves what is unusual or wrong", () => {
  const p = pair("lazy");
  for (const request of [
    pay({ amount: 1 }), pay({ amount: 1, count: 11, tags: { risk: "high" } }), pay({ amount: 1, count: 11n }), pay({ amount: 1, count: 2 ** 40 }), pay({ amount: -0 }), pay(null), pay(undefined),
    pay({ amount: 1, more: { a: [1, null, true, "x", { b: {} }] } }), pay({ amount: 1, amuont: 2 }, { sesion: {}, device: { x: 1, id: undefined } }), { action: "look" }, { action: "look", signals: {} },
    pay({ amount: 1 }, { session: { acr: "aal2", amr: ["pwd", "otp"], auth_time: now } }), pay({ amount: 1 }, { session: { acr: "aal2", auth_time: "2026-11-20T11:59:00.123456789Z" } }),
    pay({ amount: 1 }, { session: { authentications: [{ acr: "aal2", amr: ["otp"], time: now }] } }), pay({ amount: 1 }, {}, { now: +now }), pay({ amount: 1 }, {}, { now }), pay({ amount: 1 }, {}, { posture: "elevated" }),
    pay({ amount: 1 }, {}, { params: { limit: 0 } }), pay({ amount: 1 }, { network: { ip: "192.0.2.7", country: "DE" } }), pay({ amount: 1 }, { device: { browser: "x".repeat(300), os: "Ü" } }), pay({ amount: 1 }, { secret: { pin: "é" } }),
  ])
    for (let i = 0; i < 2; i++) assert.equal(p.decide(request).took, true, JSON.stringify(request, (_, v) => (typeof v === "bigint" ? String(v) : v)));
  class Resource {
    amount = 1;
  }
  for (const request of [
    null, undefined, 1, "x", [], new Date(), {}, { action: 1 }, { action: "payy" }, { action: "look", signls: {} }, { action: "look", signals: null }, { action: "look", now: "2026-11-20T12:00:00Z" }, { action: "look", posture: "x" },
    { action: "look", posture: null }, { action: "look", now: null }, pay({ amount: 1 }, { session: { amr: [undefined] } }), pay({ amount: 1 }, { history: ["x", undefined] }), { action: "look", now: Number.NaN }, { action: "look", params: { limt: 1 } }, { action: "look", params: { limit: null } }, pay({ amount: "1" }), pay({ amount: Number.NaN }), pay({ amount: Infinity }), pay({ amount: new Number(1) }),
    pay({ amount: 1, count: 1.5 }), pay({ amount: 1, tags: { a: 1 } }), pay([]), pay(new Resource()), pay(new Map([["amount", 1]])), pay(vm.runInNewContext("({amount: 1})")), pay(Object.assign(Object.create(null), { amount: 1 })),
    pay(Object.create({ amount: 1 })), pay({ amount: 1 }, { session: { level: 1 } }), pay({ amount: 1 }, { session: { acr: "\ud800" } }), pay({ amount: 1 }, { session: { acr: 1 } }),
    pay({ amount: 1 }, { session: { amr: "pwd" } }), pay({ amount: 1 }, { session: { amr: ["pwd", null] } }), pay({ amount: 1 }, { session: { amr: [, "pwd"] } }), pay({ amount: 1 }, { session: { auth_time: new Date(Number.NaN) } }),
    pay({ amount: 1 }, { session: { auth_time: { getTime: Date.prototype.getTime } } }), pay({ amount: 1 }, { network: { ip: "192.0.2.256" } }), pay({ amount: 1 }, { device: { browser: "x".repeat(70_000) } }),
  ]) {
    const { got, took } = p.decide(request);
    assert.equal(took, false, JSON.stringify(request));
    void got;
  }
});

test("what stands there from the last request is no part of the next", () => {
  const sparse = { requiredKeys: [], noNullPrototype: true };
  const text = fc.oneof(fc.constantFrom("aal1", "aal2", "aal3", "", "x".repeat(64), "x".repeat(65), "é", "urn:é", "DE", "aal1\ud800", "FR\ud800"), fc.string({ maxLength: 80 }), fc.constantFrom(null, undefined));
  const texts = fc.oneof(fc.array(fc.constantFrom("pwd", "otp", "hwk", "mfa", "é", "otp\ud800", "x".repeat(70)), { maxLength: 11 }), fc.constant(null));
  const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("192.0.2.7", "2001:db8::1", null));
  const time = fc.oneof(fc.integer({ min: -1000, max: 1000 }).map((s) => new Date(+now + s * 1000)), fc.constantFrom("2026-11-20T11:00:00Z", null, new Date(0)));
  const session = fc.record({ acr: text, amr: texts, auth_time: time, ip, id: text, not_before: time, country: text }, sparse);
  const amount = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1, 100, 5000, null, undefined));
  const resource = fc.record({ amount, currency: text, count: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })), tags: fc.dictionary(fc.constantFrom("risk", "a"), fc.constantFrom("high", "low"), { noNullPrototype: true }), payee_country: text }, sparse);
  const signals = fc.record({ session, resource, device: fc.record({ id: text, trusted: fc.boolean(), first_seen: time }, sparse), network: fc.record({ ip, country: text }, sparse), reputation: amount, fraud: fc.record({ score: amount }, sparse) }, sparse);
  for (const name of ["lazy", "bank"]) {
    const p = pair(name);
    const actions = p.own.policy.schema.actions.flatMap((a) => (a.resource ? a.name : []));
    let n = 0;
    const some = fc.record({ action: fc.constantFrom(...actions), signals, posture: fc.constantFrom("normal", "elevated", undefined) }, { requiredKeys: ["action"], noNullPrototype: true });
    fc.assert(fc.property(fc.array(some, { minLength: 2 }), (requests) => {
      for (const r of requests) n++, p.decide(r);
    }));
    assert.ok(p.own.taken > n / 4, `${p.own.taken} of ${n} were taken`);
  }
});

test("of what was refused, nothing is taken for what stood there before", () => {
  const p = pair("lazy");
  const about = (acr, amr) => pay({ amount: 1 }, { session: { acr, amr: [amr], auth_time: now } });
  const weak = p.decide(about("aal1", "pwd")).got;
  const strong = p.decide(about("aal2", "otp")).got;
  assert.notDeepEqual(weak.satisfied, strong.satisfied);
  for (const [acr, amr] of [["aal2\ud800", "pwd"], ["aal1", "otp\ud800"], ["aal2é", "otpé"], ["aal2".padEnd(65), "otp".padEnd(65)]]) {
    assert.deepEqual(p.decide(about("aal1", "pwd")).got, weak);
    p.decide(about(acr, amr));
    const { got, took } = p.decide(about("aal1", "pwd"));
    assert.deepEqual([got, took], [weak, true]);
  }
});

/** Values of a type, as applications have them, and now and then something else. */
function valuesOf(type) {
  const strange = fc.constantFrom(null, undefined, "x", "é", 7, [], {}, [undefined], [null], new Date(Number.NaN), new Map([["x", "x"]]), Object.create(null), Object.create({ a: "x", x: true }), "\ud800");
  const kind = typeof type === "string" ? type : type.list ? "list" : type.map ? "map" : "object";
  const usual = {
    any: () => fc.constantFrom("x", 1, true, [1, "x"], { a: { b: [null] } }),
    bool: () => fc.boolean(),
    bytes: () => fc.constantFrom("AQID", new Uint8Array(9)),
    cidr: () => fc.constantFrom("192.0.2.0/24", "2001:db8::/32"),
    double: () => fc.constantFrom(0, -0, 1.5, 15, 100, 5000, 1e9),
    duration: () => fc.constantFrom("1s", 5n, "100h"),
    int: () => fc.constantFrom(0, -0, 7, -9, 2 ** 31, -(2 ** 31), 2 ** 40, 5n, "12"),
    ip: () => fc.constantFrom("192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7"),
    list: () => fc.array(valuesOf(type.list), { maxLength: 10 }),
    map: () => fc.dictionary(fc.constantFrom("a", "risk", "é"), valuesOf(type.map), { noNullPrototype: true }),
    object: () => fc.record(Object.fromEntries([...type.object, { name: "unknown", type: "any" }].map((a) => [a.name, valuesOf(a.type)])), { requiredKeys: [], noNullPrototype: true }),
    string: () => fc.constantFrom("x", "", "é", "X", "aal1", "aal2", "pwd", "DE", "y".repeat(64), "y".repeat(65), "\u0000", "\u007f", "\u0080"),
    timestamp: () => fc.constantFrom(now, new Date(0), new Date(+now - 5000), "2026-11-20T11:00:00.123456789Z"),
    uint: () => fc.constantFrom(0, 8, 2 ** 40, 5n, "12"),
  };
  return fc.oneof({ arbitrary: usual[kind](), weight: 99 }, { arbitrary: strange, weight: 1 });
}

test("objects in objects, resources that are alike and not, and names of all kinds", () => {
  for (const name of ["shapes", "bank", "lazy"]) {
    let posture;
    let params;
    const p = pair(name, { clock: () => now, posture: () => posture, params: () => params });
    const { schema } = p.own.policy;
    const seldom = (usual, arbitrary) => fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 9 }, { arbitrary, weight: 1 });
    const objects = (all, more = []) => valuesOf({ object: [...(all ?? []), ...more] });
    const requests = schema.actions.map((a) =>
      fc.record(
        {
          action: fc.constant(a.name), signals: objects(schema.signals, a.resource ? [{ name: "resource", type: a.resource }] : []), params: seldom([undefined], objects(schema.params)),
          posture: seldom(["normal", undefined, "elevated"], fc.constant(null)), now: seldom([undefined, now, +now, +now + 0.25], fc.constant(null)),
        },
        { requiredKeys: ["action", "signals"], noNullPrototype: true },
      ),
    );
    const settings = fc.record({ posture: seldom([undefined, "normal", "elevated"], fc.constantFrom(null, "none")), params: seldom([undefined], objects(schema.params)) });
    let n = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(...requests), settings), { minLength: 2 }), (all) => {
        for (const [request, set] of all) {
          ({ posture, params } = set);
          n++;
          p.decide(request);
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(p.own.taken > n / 50, `${p.own.taken} of ${n} were taken`); // it is a fifteenth to a seventh, as it happens
  }
});

test("whatever comes, it is decided as without", () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withBoxedValues: true });
  const names = fc.constantFrom("session", "device", "network", "resource", "subject", "secret", "reputation", "fraud", "history", "__proto__", "constructor", "acr", "amr", "auth_time", "authentications", "amount", "more", "tags", "x");
  const some = fc.oneof(anything, fc.dictionary(names, fc.oneof(anything, fc.dictionary(names, anything))));
  const p = pair("lazy");
  fc.assert(fc.property(anything, (r) => void p.decide(r)));
  fc.assert(fc.property(some, (signals) => void p.decide({ action: "pay", signals })), { numRuns: 500 });
  fc.assert(fc.property(some, (session) => void p.decide(pay({ amount: 1 }, { session }))), { numRuns: 500 });
  fc.assert(fc.property(fc.dictionary(names, anything), (resource) => void p.decide(pay(resource))), { numRuns: 500 });
});

test("what is no member of an object's own reaches no signal", () => {
  const p = pair("lazy");
  const strong = { acr: "aal3", amr: ["hwk", "mfa"], auth_time: now };
  const asked = (session, more = {}) => p.decide(pay({ amount: 500 }, { session, ...more })).got;
  const had = asked({}).effect;
  assert.notEqual(had, "allow");
  assert.equal(asked(strong).effect, "allow");
  const hidden = Object.defineProperties({}, Object.fromEntries(Object.entries(strong).map(([k, value]) => [k, { value, enumerable: false }])));
  for (const session of [Object.create(strong), { __proto__: strong }, { constructor: strong }, JSON.parse('{"__proto__": {"acr": "aal3"}}')]) assert.notEqual(asked(session).effect, "allow");
  // Members are read by their names: that one is hidden from enumeration is what no JSON and no literal makes, and is not looked at.
  for (const session of [hidden, new Proxy(strong, { ownKeys: () => [] })]) {
    const request = pay({ amount: 500 }, { session });
    assert.deepEqual([p.plain.decide(request).effect, p.own.policy.decide(request).effect], [had, "allow"]);
  }
  for (const enumerable of [true, false]) {
    for (const [k, value] of Object.entries({ ...strong, session: strong, action: "look" })) Object.defineProperty(Object.prototype, k, { value, enumerable, configurable: true });
    try {
      assert.equal(asked({}).effect, had);
      assert.equal(asked({ id: "x" }).effect, had);
      assert.equal(asked({ unknown: 1 }).effect, had);
      assert.equal(p.decide({}).got.error.path, "/action");
      assert.notEqual(p.decide({ action: "pay", signals: { reputation: 1, fraud: { score: 0 }, history: null, resource: { amount: 500 } } }).got.effect, "allow");
    } finally {
      for (const k of [...Object.keys(strong), "session", "action"]) delete Object.prototype[k];
    }
    Object.defineProperty(Object.prototype, "signals", { value: { session: strong, reputation: 1, fraud: { score: 0 }, history: null }, enumerable, configurable: true });
    try {
      assert.equal(p.decide({ action: "pay" }).got.effect, "need");
    } finally {
      delete Object.prototype.signals;
    }
  }
});

test("accessors, proxies, and a request that decides while it is read", () => {
  const p = pair("lazy");
  const getter = (o, name, get) => Object.defineProperty(o, name, { get, enumerable: true, configurable: true });
  for (const session of [getter({}, "acr", () => "aal3"), getter({}, "acr", () => 1), new Proxy({ acr: "aal3" }, {}), new Proxy({}, { getPrototypeOf: () => null })]) p.decide(pay({ amount: 1 }, { session }));
  const throwing = getter({}, "acr", () => {
    throw new Error("no");
  });
  assert.match(p.decide(pay({ amount: 1 }, { session: throwing })).got.error.message, /it throws/);
  const { policy } = p.own;
  let inner;
  policy.decide({ action: "look", get signals() { inner = policy.decide({ action: "look" }); return {}; } });
  assert.equal(inner.error.code, "engine_error");
  // One that answers differently each time is held against the types each time, and what was held is what is written.
  let n = 0;
  const shifty = new Proxy({ acr: "" }, { get: (t, k) => (k === "acr" ? (n++ % 2 ? 7 : "aal3") : t[k]) });
  for (let i = 0; i < 4; i++) assert.ok(["deny", "step_up", "allow"].includes(policy.decide(pay({ amount: 1 }, { session: shifty })).effect));
  const strict = written(modules.lazy, writers.lazy, { fast }, { clock: () => now, strict: true });
  assert.equal(strict.policy.decide(pay({ amount: 1 }, { session: getter({}, "acr", () => "aal3") })).error.path, "/signals/session/acr");
  assert.equal(strict.taken, 0);
});

test("options", () => {
  let posture = "normal";
  let limit = 10;
  const p = pair("lazy", { clock: () => +now, posture: () => posture, params: () => ({ limit }) });
  const rules = (more) => p.decide(pay({ amount: 50 }, {}, more)).got.reasons?.map((r) => r.rule);
  assert.deepEqual(rules(), ["pay/large"]);
  limit = 100;
  assert.equal(rules(), undefined);
  assert.deepEqual(rules({ params: { limit: 1 } }), ["pay/large"]);
  posture = "elevated";
  assert.deepEqual(rules(), ["pay/elevated"]);
  assert.equal(rules({ posture: "normal" }), undefined);
  posture = "none";
  assert.equal(p.decide(pay({ amount: 50 })).got.error.path, "/posture");
  pair("lazy", {}).own.policy.decide({ action: "look" });
});

test("of what is unknown, some is counted for all", () => {
  const policy = new (fast(writers.lazy))(modules.lazy, { clock: () => now });
  const plain = new Policy(modules.lazy, { clock: () => now });
  const count = (request) => {
    for (let i = 0; i < 1280; i++) policy.decide(request), plain.decide(request);
    assert.equal(policy.ignored, plain.ignored);
  };
  count(pay({ amount: 1, amuont: 2 }, { sesion: {}, device: { x: 1, id: undefined, y: undefined } }));
  assert.equal(policy.ignored, 3 * 1280);
  count({ action: "look", signals: { unknown: 1 } });
  count(pay({ amount: 1 }, { device: new Map([["x", 1]]) }));
  // What Object.prototype has is not the object's.
  Object.defineProperty(Object.prototype, "inherited", { value: 1, enumerable: true, configurable: true });
  try {
    count(pay({ amount: 1 }));
  } finally {
    delete Object.prototype.inherited;
  }
});

test("when the room grows, or the policy is not alone", () => {
  const p = pair("lazy");
  const q = pair("bank");
  const transfer = { action: "transfer.create", signals: { session: { acr: "urn:bank:acr:pwd", amr: ["pwd"], auth_time: now }, resource: { amount: 10, currency: "EUR", payee_country: "DE" } } };
  const large = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`key ${i}`, "é".repeat(200)]));
  for (const tags of [{ risk: "high" }, large, { risk: "high" }, { ...large, risk: "high" }, { a: "b" }]) {
    for (let i = 0; i < 3; i++) {
      assert.equal(p.decide(pay({ amount: 1, tags }, { device: { id: `d${i}` } })).got.effect, tags.risk ? "step_up" : "allow");
      assert.equal(q.decide(transfer).took, true);
    }
  }
  for (const { name: action } of q.own.policy.schema.actions) assert.equal(q.decide({ action, signals: { session: { acr: "x" } } }).took, true, action);
  const huge = Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => "x".repeat(100)));
  assert.equal(p.decide(pay({ amount: 1, more: huge })).got.error.code, "engine_error");
  for (const took of [false, true]) assert.equal(p.decide(pay({ amount: 1 })).took, took, "by another instance");
});

test("another module than that for which the code was written", () => {
  const p = pair("shapes");
  const taken = (module, like) => {
    const own = written(module, shapesWriter, { fast: (writer) => fast(writer, like) }, { clock: () => now });
    const request = { action: "one", signals: { session: { amr: ["pwd"], auth_time: now }, resource: { amount: 1, who: { name: "x", at: { city: "X" } } } } };
    assert.deepEqual(own.policy.decide(request), new Policy(module, { clock: () => now }).decide(request));
    return own.taken;
  };
  const bytes = readFileSync(new URL("made/shapes.wasm", import.meta.url));
  assert.equal(taken(modules.shapes, bytes), 1);
  // One that knows another attribute, as a later version of the policy may.
  const at = bytes.indexOf('"x-y"');
  const other = Uint8Array.from(bytes);
  for (let i = at; i > 0; i = other.indexOf(34, i + 1)) if (Buffer.from(other.subarray(i, i + 5)).toString() === '"x-y"') other[i + 2] = 95;
  assert.equal(taken(new WebAssembly.Module(other), bytes), 0);
  assert.equal(taken(new WebAssembly.Module(other), other), 1);
  const request = { action: "two", signals: { resource: { amount: 1, who: { name: "x", at: { city: "" } } } } };
  for (const module of [undefined, modules.shapes]) assert.deepEqual(loadShapes({ clock: () => now }, module).decide(request), p.decide(request).got);
});
