import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import express from "express";
import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { guardExpress } from "../dist/express.js";
import { answerTo, answerToError, challengesOf, mark, refuse, sessionOf, Unauthenticated, Unreadable } from "../dist/guard.js";
import { bodyOf, Guard, guard } from "../dist/http.js";
import { guardHono } from "../dist/hono.js";
import { loadSync } from "../dist/index.js";
import { tokens } from "../dist/jwt.js";
import { guardNext } from "../dist/next.js";

const made = (name) => readFileSync(new URL(`made/${name}.wasm`, import.meta.url));
const noon = Date.parse("2026-11-20T12:00:00Z");
const bank = loadSync(made("guard"), { clock: () => noon });
const claims = (o) => `Bearer ${btoa(JSON.stringify(o)).replaceAll("=", "")}`;
const weak = claims({ acr: "urn:pwd", auth_time: noon / 1000 - 3600 });
const strong = claims({ acr: "urn:mfa", auth_time: noon / 1000 - 60 });

/** Claims as if a token had been verified. */
function claimed(authorization) {
  if (!authorization) return undefined;
  try {
    return JSON.parse(atob(authorization.split(" ")[1]));
  } catch (cause) {
    throw new Unauthenticated("no token", { cause });
  }
}

const errors = [];
const options = { clock: () => noon, report: (e) => errors.push(e) };

async function decide(request, { action, values }) {
  const broken = request.headers.get("Break");
  if (broken === "error") throw new Error("the store is down");
  if (broken === "none") return undefined;
  if (broken === "other") return bank.decide({ action: "account.read", signals: { session: { acr: "urn:pwd" } } });
  if (broken === "unknown") return bank.decide({ action: "unknown" });
  const c = claimed(request.headers.get("Authorization"));
  const signals = { session: c && sessionOf(c) };
  const enrolled = request.headers.get("Enrolled");
  if (enrolled) signals.subject = { enrolled: enrolled.split(" ") };
  if (action === "transfer.create") signals.resource = { account: values.account, amount: JSON.parse(new TextDecoder().decode(await bodyOf(request, 1024)) || "{}").amount };
  return bank.decide({ action, signals });
}

let served = 0;
const handler = async (request, decision) => {
  served++;
  return new Response(`${decision ? `${decision.action} ${decision.effect}` : "open"} ${await request.text()}`);
};

const ask = (fetch, method, path, body, headers = {}) => fetch(new Request(`https://any.example${path}`, { method, headers, ...(body && { body }) }));

test("answers", async () => {
  const fetch = guard(bank, decide, handler, options);
  errors.length = 0;
  for (const [name, method, path, body, headers, status, error, detail] of [
    ["allow", "GET", "/accounts/7", "", { Authorization: weak }, 200],
    ["allow, HEAD is GET", "HEAD", "/accounts/7", "", { Authorization: weak }, 200],
    ["nobody, HEAD", "HEAD", "/accounts/7", "", {}, 401],
    ["nobody", "GET", "/accounts/7", "", {}, 401],
    ["a token that is none", "GET", "/accounts/7", "", { Authorization: "Bearer {" }, 401, "invalid_token"],
    ["claims of another type", "GET", "/accounts/7", "", { Authorization: claims({ acr: ["urn:mfa"] }) }, 401, "invalid_token"],
    ["a token that proves nought", "GET", "/accounts/7", "", { Authorization: claims({ acr: "odd" }) }, 401, "insufficient_user_authentication"],
    ["two credentials", "GET", "/accounts/7", "", [["Authorization", weak], ["Authorization", strong]], 400, undefined, /credentials/],
    ["small", "POST", "/accounts/7/transfers", '{"amount": 10}', { Authorization: weak }, 200],
    ["large", "POST", "/accounts/7/transfers", '{"amount": 1000}', { Authorization: weak }, 401, "insufficient_user_authentication"],
    ["large, strong", "POST", "/accounts/7/transfers", '{"amount": 1000}', { Authorization: strong }, 200],
    ["deny", "POST", "/accounts/closed/transfers", '{"amount": 1}', { Authorization: strong }, 403],
    ["of another type", "POST", "/accounts/7/transfers", '{"amount": "1"}', { Authorization: strong }, 400, undefined, /cannot be decided/],
    ["too large a body", "POST", "/accounts/7/transfers", " ".repeat(1025), { Authorization: strong }, 400, undefined, /cannot be read/],
    ["need", "POST", "/export", "", { Authorization: strong }, 503, undefined, /not available/],
    ["an error", "GET", "/accounts/7", "", { Authorization: weak, Break: "error" }, 503, undefined, /not available/],
    ["no decision", "GET", "/accounts/7", "", { Authorization: weak, Break: "none" }, 500],
    ["another action's decision", "POST", "/keys", "", { Authorization: weak, Break: "other" }, 500],
    ["an unknown action", "POST", "/keys", "", { Authorization: weak, Break: "unknown" }, 500],
    ["no route", "GET", "/", "", { Authorization: strong }, 403, undefined, /No action/],
    ["no such method", "DELETE", "/accounts/7", "", { Authorization: strong }, 403, undefined, /No action/],
    ["methods", "POST", "/keys", "", { Authorization: weak }, 401, "insufficient_user_authentication"],
    ["not enrolled", "POST", "/accounts/7/transfers", '{"amount": 1000}', { Authorization: weak, Enrolled: "pwd" }, 403, "unmet_authentication_requirements", /enrolled/],
  ]) {
    const before = served;
    const r = await ask(fetch, method, path, body, headers);
    assert.equal(r.status, status, name);
    assert.equal(served > before, status === 200, name);
    assert.equal(r.headers.has("WWW-Authenticate"), status === 401, name);
    if (status === 200 || method === "HEAD") continue;
    const p = await r.json();
    assert.equal(p.status, status);
    assert.equal(p.error, error, name);
    assert.match(p.detail ?? "", detail ?? /^/, name);
    assert.equal(r.headers.get("Content-Type"), "application/problem+json");
    assert.equal(r.headers.get("Cache-Control"), "no-store");
  }
  assert.equal(errors.length, 9, String(errors));
  assert.equal(await (await ask(fetch, "POST", "/accounts/7/transfers", '{"amount": 10}', { Authorization: weak })).text(), 'transfer.create allow {"amount": 10}');
});

test("the challenge, and its body", async () => {
  const r = await ask(guard(bank, decide, handler, options), "POST", "/accounts/7/transfers", '{"amount": 1000}', { Authorization: weak });
  assert.equal(r.headers.get("WWW-Authenticate"), 'Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="urn:mfa phr", max_age="300"');
  assert.equal(r.headers.get("Access-Control-Expose-Headers"), "WWW-Authenticate, Rung-Challenge");
  assert.deepEqual(await r.json(), {
    title: "Unauthorized", status: 401, detail: "A different authentication level is required", error: "insufficient_user_authentication",
    acr_values: ["urn:mfa", "phr"], max_age: 300, reasons: ["Große Überweisung"],
  });
});

test("schemes", () => {
  const schemes = [{ scheme: "Bearer", params: [["realm", "bank"]] }, { scheme: "DPoP", params: [["algs", "ES256"]] }];
  const texts = (a, authorization) => challengesOf(schemes, a, authorization).map((c) => `${c.scheme} ${c.params.map((p) => p[0])}`);
  const up = { pass: false, problem: { title: "", status: 401 }, challenge: { acr_values: ["a"] } };
  assert.deepEqual(texts(up, "bearer x"), ["Bearer realm,error,error_description,acr_values", "DPoP algs"]);
  assert.deepEqual(texts(up, "DPoP x"), ["Bearer realm", "DPoP algs,error,error_description,acr_values"]);
  assert.deepEqual(texts(refuse(401, "", undefined, { error: "invalid_token" }), ""), ["Bearer realm,error", "DPoP algs"]);
  assert.throws(() => new Guard(bank, decide, { schemes: [] }), TypeError);
  for (const policy of [undefined, Promise.resolve(bank)]) assert.throws(() => new Guard(policy, decide), /once it is awaited/);
  assert.throws(() => new Guard(bank, decide, { schemes: [{ scheme: "a b", params: [] }] }), TypeError);
  assert.throws(() => new Guard(bank, decide, { open: ["GET  keys {"] }), TypeError);
});

test("a client that comes back is not sent round in circles", async () => {
  const fetch = guard(bank, decide, handler, { ...options, cookie: true });
  const pay = (authorization, more = {}) => ask(fetch, "POST", "/accounts/7/transfers", '{"amount": 1000}', { Authorization: authorization, ...more });
  const first = await pay(weak);
  const given = first.headers.get("Rung-Challenge");
  assert.equal(first.headers.get("Set-Cookie"), `__Host-rung-challenge=${given}; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax`);
  // As Go's guards write it.
  assert.equal(given, `${(noon / 1000).toString(36)}.${given.split(".")[1]}`);
  const still = claims({ acr: "urn:pwd", auth_time: noon / 1000 - 1 });
  const back = await pay(still, { "Rung-Challenge": given });
  assert.equal(back.status, 403);
  assert.equal((await back.json()).error, "unmet_authentication_requirements");
  assert.equal((await pay(strong, { "Rung-Challenge": given })).status, 200);
  assert.equal((await ask(fetch, "POST", "/keys", "", { Authorization: weak, "Rung-Challenge": given })).status, 401);
  const early = mark({ level: "mfa", acr_values: ["urn:mfa", "phr"], max_age: 300 }, noon - 60_000);
  for (const [session, want] of [[weak, 401], [still, 403], [claims({ acr: "odd" }), 401]]) {
    assert.equal((await pay(session, { Cookie: `a=b; __Host-rung-challenge=${early}` })).status, want);
  }
  for (const odd of ["", ".", "x", `${given}0`, `zzzzzzzzzzzzzzzzz${given}`, `0${given.slice(given.indexOf("."))}`, `-${given}`, `${"9".repeat(1024)}.x`]) assert.equal((await pay(weak, { "Rung-Challenge": odd })).status, 401, odd);
  const plain = await ask(guard(bank, decide, handler, options), "POST", "/accounts/7/transfers", '{"amount": 1000}', { Authorization: still, Cookie: `__Host-rung-challenge=${early}` });
  assert.equal(plain.status, 401);
  assert.equal(plain.headers.get("Set-Cookie"), null);
});

test("marks are those of Go", () => {
  // policy.Requirement{Level: "mfa", ACRValues: {"urn:mfa", "phr"}, MaxAge: 300} and {Level: "passkey", Methods: {{"hwk", "otp"}}}, by guard.Mark at 2026-11-20T12:00:00Z.
  assert.equal(mark({ level: "mfa", acr_values: ["urn:mfa", "phr"], max_age: 300 }, noon), "tosuo0.7575eca4cd611651");
  assert.equal(mark({ level: "passkey", methods: [{ one_of: ["hwk", "otp"] }] }, noon), "tosuo0.ea1d1a4c62047788");
});

test("only an allow about the action passes", () => {
  const q = { credential: true, now: noon };
  for (const effect of ["deny", "allow", "step_up", "need", "x", undefined, "constructor"])
    for (const action of ["a", "b", undefined])
      for (const error of [undefined, { code: "engine_error", message: "" }]) {
        const d = { effect, action, error, need: ["x"], requirement: { level: "mfa" }, reasons: [] };
        assert.equal(answerTo(bank, "a", d, q).pass, effect === "allow" && action === "a" && !error);
      }
  assert.equal(answerTo(bank, "a", undefined, q).problem.status, 500);
  assert.equal(answerToError("a", new Unreadable("x"), q).problem.status, 400);
  assert.equal(answerToError("a", undefined, q).problem.status, 503);
  for (const [status, want] of [[200, 500], [0, 500], [403, 403], [503, 503]]) assert.equal(refuse(status, "").problem.status, want);
});

test("claims", () => {
  assert.deepEqual(sessionOf({ sid: "s", acr: "a", amr: ["pwd"], auth_time: 12.9, iat: 99, x: 1 }), { id: "s", acr: "a", amr: ["pwd"], auth_time: new Date(12000) });
  assert.deepEqual(sessionOf({ sid: null, acr: "" }), {});
  assert.deepEqual(sessionOf(Object.create({ acr: "phr" })), {});
  for (const bad of [{ sid: 1 }, { acr: ["a"] }, { amr: "pwd" }, { amr: ["pwd", 1] }, { auth_time: "1" }, { auth_time: Number.NaN }, { auth_time: noon * 1000 }]) assert.throws(() => sessionOf(bad), Unauthenticated);
});

test("scripts of other origins", async () => {
  const fetch = guard(bank, decide, handler, { ...options, cors: { origins: ["https://app.example"], credentials: true } });
  const preflight = await ask(fetch, "OPTIONS", "/accounts/7", "", { Origin: "https://app.example", "Access-Control-Request-Method": "GET" });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("Access-Control-Allow-Headers"), /Rung-Challenge/);
  for (const authorization of [weak, "Bearer {"]) {
    const r = await ask(fetch, "GET", "/accounts/7", "", { Origin: "https://app.example", Authorization: authorization });
    assert.equal(r.headers.get("Access-Control-Allow-Origin"), "https://app.example");
    assert.equal(r.headers.get("Access-Control-Expose-Headers"), "WWW-Authenticate, Rung-Challenge");
  }
  const other = await ask(fetch, "OPTIONS", "/accounts/7", "", { Origin: "https://evil.example", "Access-Control-Request-Method": "GET" });
  assert.equal(other.status, 403);
  assert.equal(other.headers.get("Access-Control-Allow-Origin"), null);
});

test("decisions are told", async () => {
  const told = [];
  const fetch = guard(bank, decide, handler, { ...options, onDecision: (d, about) => told.push(`${about.action} ${JSON.stringify(about.values)} ${d.effect}`) });
  await ask(fetch, "GET", "/accounts/7%20a", "", { Authorization: weak });
  assert.deepEqual(told, ['account.read {"account":"7 a"} allow']);
});

const [unclear, denied, open] = [400, 403, 200];

/** What makes one router see a guarded path and another one an open one: the table of sdk/httpguard, without what never leaves a server of Go's. */
const tricks = [
  ["GET /pages", open], ["GET /", open], ["GET /files/a.b..c/...", open], ["GET /files/%C3%A9", open], ["GET /files/100%25", open], ["GET /files/?next=//x;y/../z%2f", open], ["GET http://any.example/pages", open],
  ["GET /secret", denied], ["HEAD /secret", denied], ["GET /secret?x", denied], ["GET /%73ecret", denied], ["GET http://any.example/secret", denied], ["GET http://user:pass@any.example/secret", denied],
  ["POST /secret", denied], ["OPTIONS /secret", denied], ["GET /secret/", denied], ["POST /form/", denied], ["GET /form", open], ["PATCH /form", denied],
  ["GET /any/x/y", denied], ["GET /any/", denied], ["GET /any", denied], ["DELETE /a/x/b", denied], ["DELETE /a/x/b/", denied], ["PUT /tree", denied], ["PUT /tree/x", denied],
  ["GET http://admin.example/panel", denied], ["GET http://admin.example:80/panel", denied], ["GET http://ADMIN.example/panel", denied], ["GET http://admin.example./panel", denied], ["GET /panel", denied],
  ["GET //secret", unclear], ["GET /secret//", unclear], ["GET ///", unclear], ["GET /./secret", unclear], ["GET /x/../secret", unclear], ["GET /x/%2e%2e/secret", unclear], ["GET /x/.%2E/secret", unclear],
  ["GET /x/..%2fsecret", unclear], ["GET /..", unclear], ["GET /files/..%5csecret", unclear], ["GET /files%2f..%2fsecret", unclear], ["GET /%2fsecret", unclear], ["GET /secret%2F", unclear],
  ["GET /%252e%252e/secret", unclear], ["GET /%2573ecret", unclear], ["GET /secret;x=y", unclear], ["GET /files/..;/secret", unclear], ["GET /files/x%3b", unclear], ["GET /secret%00", unclear], ["GET /secret%0a", unclear],
  ["GET /secret%0d%0aX:y", unclear], ["GET /secret%7f", unclear], ["GET /secret%C2%85", unclear], ["GET /secret%ff", unclear], ["GET /secret%c0%ae", unclear], ["GET /\\secret", unclear], ["GET http://any.example", unclear],
  ["GET /pages", unclear, "X-HTTP-Method-Override: DELETE"], ["POST /pages", unclear, "x-http-method: DELETE"], ["POST /pages", unclear, "X-Method-Override:"],
  ["POST /pages?a=b&_method=DELETE", unclear], ["POST /pages?%5fmethod=DELETE", unclear], ["GET /pages#x", unclear],
  ["GET /secret.", open], ["GET /secret%20", open], ["GET /Secret", open], ["GET /secret%EF%BC%8F", open], ["GET /%EF%BC%8E%EF%BC%8E/secret", open],
];

test("path tricks, byte by byte, before Express", async () => {
  const paths = loadSync(made("paths"));
  const closed = (_, { action }) => ({ effect: "deny", action, reasons: [], posture: "normal", policy: {} });
  const app = express();
  let served = 0;
  app.use(guardExpress(paths, closed, { open: ["GET /", "GET /files/", "/"] }));
  app.use((_, res) => {
    served++;
    res.end("ok");
  });
  const server = http.createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const raw = (line, header = "") =>
    new Promise((resolve) => {
      const socket = net.connect(server.address().port, "127.0.0.1", () => socket.write(`${line} HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\nContent-Length: 0\r\n${header && `${header}\r\n`}\r\n`));
      let text = "";
      socket.on("data", (b) => {
        text += b;
      });
      socket.on("close", () => resolve(Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0)));
      socket.on("error", () => resolve(0));
    });
  try {
    for (const [line, want, header] of tricks) {
      const before = served;
      assert.equal(await raw(line, header), want, `${line} ${header ?? ""}`);
      assert.equal(served > before, want === open, line);
    }
    assert.notEqual(await raw("CONNECT any.example:443"), 200);
    assert.equal(await raw("GET /files/x", `Authorization: ${weak}\r\nAuthorization: ${strong}`), 200); // it is open: nobody looks at them
    assert.equal(await raw("GET /secret", `Authorization: ${weak}\r\nAuthorization: ${strong}`), 400);
  } finally {
    server.close();
  }
});

test("path tricks, before fetch handlers: what the runtime makes of a URL is what is guarded", async () => {
  const paths = loadSync(made("paths"));
  const fetch = guard(paths, (_, { action }) => ({ effect: "deny", action, reasons: [], posture: "normal", policy: {} }), () => new Response("ok"), { open: ["GET /", "GET /files/", "/"] });
  for (const [line, want, header] of tricks) {
    const [method, target] = line.split(" ");
    const url = new URL(target.startsWith("/") ? `http://any.example${target}` : target);
    if (url.username || header === "X-Method-Override:") continue; // no Request has them
    const [name, value] = header?.split(": ") ?? [];
    const got = (await fetch(new Request(url, { method, ...(name && { headers: { [name]: value } }) }))).status;
    // Where the URL's parser has made the path plain, it may be one that is denied, or open.
    const plain = url.pathname !== target.replace(/^https?:\/\/[^/]*/, "").replace(/[?#].*$/, "");
    const { pathname } = url;
    assert.equal(got, plain ? (pathname === "/secret" ? denied : pathname === "/" ? open : got) : target.includes("#") ? open : want, line);
    if (plain) assert.notEqual(`${got} ${pathname}`, `200 /secret`);
  }
});

test("anyPath takes what a router behind reads by segments", async () => {
  const paths = loadSync(made("paths"));
  const g = new Guard(paths, (_, { action }) => ({ effect: "deny", action, reasons: [], posture: "normal", policy: {} }), { anyPath: true, open: ["GET /"] });
  for (const [target, want] of [["/files/a%2fb", 200], ["/files/a;b", 200], ["/files/%2541", 200], ["/files/a%5cb", 200], ["/secret;x", 200], ["/any/a%2fb", 403], ["/any/..%2fb", 400], ["//secret", 400], ["/x/../secret", 400], ["/a%00", 400]]) {
    const r = await g.check({ method: "GET", host: "any.example", target, header: () => undefined, request: null });
    assert.equal(r.pass ? 200 : r.status, want, target);
  }
});

test("Hono and Next", async () => {
  const app = new Hono();
  app.use(guardHono(bank, (c, about) => decide(c.req.raw, about), options));
  app.get("/accounts/:id", (c) => c.text(c.get("decision").effect));
  assert.equal(await (await app.request("/accounts/7", { headers: { Authorization: weak } })).text(), "allow");
  assert.equal((await app.request("/accounts/7")).status, 401);
  const middleware = guardNext(bank, decide, options);
  assert.equal(await middleware(new Request("https://any.example/accounts/7", { headers: { Authorization: weak } })), undefined);
  assert.equal((await middleware(new Request("https://any.example/accounts/7"))).status, 401);
});

test("Express hands on the decision, and what is answered", async () => {
  const app = express();
  app.use(guardExpress(bank, (req, { action }) => bank.decide({ action, signals: { session: req.headers.authorization && sessionOf(claimed(req.headers.authorization)) } }), options));
  app.get("/accounts/:id", (req, res) => res.send(req.decision.effect));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/accounts/7`;
  try {
    assert.equal(await (await fetch(url, { headers: { Authorization: weak } })).text(), "allow");
    const r = await fetch(url, { headers: { Authorization: "Bearer {" } });
    assert.equal(r.status, 401);
    assert.equal(r.headers.get("WWW-Authenticate"), 'Bearer error="invalid_token"');
  } finally {
    server.close();
  }
});

test("tokens that jose verifies", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const sign = (claims, audience = "api") => new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).setIssuer("https://idp.example").setAudience(audience).setExpirationTime("5m").sign(privateKey);
  const read = tokens({ issuer: "https://idp.example", audience: "api", keys: publicKey });
  const { session } = await read(`Bearer ${await sign({ acr: "urn:mfa", amr: ["pwd", "otp"], auth_time: 1700000000 })}`);
  assert.deepEqual(session, { acr: "urn:mfa", amr: ["pwd", "otp"], auth_time: new Date(1700000000000) });
  assert.equal(await read(null), undefined);
  for (const bad of ["Basic x", "Bearer x", "Bearer a.b.c", `Bearer ${await sign({}, "other")}`, `Bearer ${await sign({ amr: "pwd" })}`]) await assert.rejects(read(bad), Unauthenticated, bad);
  assert.equal((await exportJWK(publicKey)).kty, "EC");
  // jose would take a token of anybody's, or for anybody.
  for (const some of [{ issuer: "https://idp.example" }, { audience: "api" }, { issuer: "", audience: "api" }, { issuer: "https://idp.example", audience: [] }]) assert.throws(() => tokens({ ...some, keys: publicKey }), TypeError);
  const down = tokens({ issuer: "https://idp.example", audience: "api", keys: () => Promise.reject(new Error("no network")) });
  await assert.rejects(down(`Bearer ${await sign({})}`), (e) => !(e instanceof Unauthenticated));
});
