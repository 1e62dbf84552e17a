// The same five rules in five engines: each takes the same plain object, and says what is to be done. Only rung and the hand-written code say all of a decision; the CEL library evaluates the
// conditions alone, and Cedar and OPA what their languages have for it.

import { readFileSync } from "node:fs";
import { Environment } from "@marcbachmann/cel-js";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import opa from "@open-policy-agent/opa-wasm";
import { loadSync } from "../../sdk/js/dist/core.js";
import { loadSync as loadFast } from "./made/five.mjs";

const read = (name) => readFileSync(new URL(`policy/${name}`, import.meta.url));

/** A request: what a handler has when it asks. */
export const request = (i = 0) => ({
  action: "pay",
  now: new Date(1795176000000),
  signals: {
    session: { acr: "urn:pwd", amr: ["pwd"], auth_time: new Date(1795176000000 - 3600_000 - (i % 97) * 1000) },
    subject: { id: "u1", country: "DE" },
    device: { id: "d1", trusted: i % 3 === 0, first_seen: new Date(1795176000000 - (i % 5 === 0 ? 1 : 40) * 3600_000) },
    network: { country: i % 7 === 0 ? "FR" : "DE" },
    velocity: { transfers_1h: i % 11 },
    resource: { amount: (i % 13) * 150, country: "DE" },
  },
});

/** rung, from the object to the decision, as `rung build --js --fast` writes it. */
export function rung() {
  const policy = loadFast();
  return (r) => policy.decide(r).effect;
}

/** The same by the SDK and the policy's module alone. */
export function module() {
  const policy = loadSync(readFileSync(new URL("made/five.wasm", import.meta.url)));
  return (r) => policy.decide(r).effect;
}

const identity = { name: "five", digest: "sha256:00" };
const acrs = new Map([["urn:pwd", 1], ["urn:mfa", 2], ["phr", 3]]);
const levels = ["", "password", "mfa", "passkey"];
const values = [[], ["urn:pwd", "urn:mfa", "phr"], ["urn:mfa", "phr"], ["phr"]];
const rules = {
  country: { rule: "pay/country", effect: "deny" },
  large: { rule: "pay/large", effect: "step_up", level: "mfa", max_age: 300, message: "Large transfers need a second factor." },
  device: { rule: "pay/new device", effect: "step_up", level: "passkey" },
  velocity: { rule: "pay/velocity", effect: "step_up", level: "mfa" },
  network: { rule: "pay/network", effect: "step_up", level: "mfa", message: "We do not know this network." },
};

/** What somebody writes for these rules alone, once all that may be missing is thought of. It is made for sessions that are judged by their acr. */
export function handwritten() {
  const decide = (r) => {
    const { session, subject, device, network, velocity, resource } = r.signals;
    const now = r.now.getTime();
    const level = acrs.get(session?.acr) ?? 0;
    const age = session?.auth_time ? Math.max(0, Math.floor((now - session.auth_time.getTime()) / 1000)) : undefined;
    const posture = "normal";
    const satisfied = level ? { level: levels[level], age } : undefined;
    const country = resource?.country;
    if (country === undefined || country === "KP" || country === "IR" || country === "SY") return { effect: "deny", action: r.action, satisfied, reasons: [rules.country], posture, policy: identity };
    const reasons = [];
    let need = 0;
    let maxAge;
    if (!(level >= 2 && age !== undefined && age <= 300) && !(resource.amount <= 1000)) {
      reasons.push(rules.large);
      need = 2;
      maxAge = 300;
    }
    if (level < 2 && !(network?.country !== undefined && network.country === subject?.country) && device?.trusted !== true) {
      reasons.push(rules.network);
      need = 2;
    }
    if (level < 3 && !(device?.first_seen && now - device.first_seen.getTime() >= 86_400_000)) {
      reasons.push(rules.device);
      need = 3;
    }
    if (level < 2 && !(velocity?.transfers_1h <= 5)) {
      reasons.push(rules.velocity);
      need = Math.max(need, 2);
    }
    if (!need) return { effect: "allow", action: r.action, satisfied, posture, policy: identity };
    const requirement = { level: levels[need], acr_values: values[need] };
    if (maxAge !== undefined) requirement.max_age = maxAge;
    return { effect: "step_up", action: r.action, requirement, satisfied, reasons, posture, policy: identity };
  };
  return (r) => decide(r).effect;
}

/** cel-js: the five conditions, compiled once, over the same objects. What follows from them is not in it. */
export function cel() {
  const env = new Environment({ unlistedVariablesAreDyn: true });
  const conditions = [
    "resource.country in ['KP', 'IR', 'SY']",
    "resource.amount > 1000.0",
    "now - device.first_seen < duration('24h')",
    "velocity.transfers_1h > 5.0",
    "network.country != subject.country && !device.trusted",
  ].map((c) => env.parse(c));
  return (r) => {
    const vars = { ...r.signals, now: r.now };
    const [country, ...rest] = conditions.map((c) => c(vars));
    return country ? "deny" : rest.some(Boolean) ? "step_up" : "allow";
  };
}

/** OPA's module, through OPA's own package, which writes the input as JSON. Times are numbers, made before. */
export async function opaWasm() {
  const policy = await opa.loadPolicy(read("five.opa.wasm"));
  return (r) => policy.evaluate(asNumbers(r))[0].result.effect;
}

/** Cedar: one policy for a deny, others that forbid unless a stronger session came. */
export function cedarWasm() {
  cedar.preparsePolicySet("five", { staticPolicies: String(read("five.cedar")) });
  return (r) => {
    const { session, subject, device, network, velocity, resource, now } = asNumbers(r);
    const answer = cedar.statefulIsAuthorized({
      principal: { type: "User", id: subject.id }, action: { type: "Action", id: "pay" }, resource: { type: "Account", id: "a" }, preparsedPolicySetId: "five",
      context: { acr: session.acr, age: now - session.auth_time, country: subject.country, network: network.country, trusted: device.trusted, seen: now - device.first_seen, transfers: velocity.transfers_1h, amount: resource.amount, to: resource.country }, entities: [],
    });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer));
    const { decision, diagnostics } = answer.response;
    return decision === "allow" ? "allow" : diagnostics.reason.includes("country") ? "deny" : "step_up";
  };
}

function asNumbers({ now, signals: { session, device, ...rest } }) {
  return { ...rest, now: now / 1000, session: { ...session, auth_time: session.auth_time / 1000 }, device: { ...device, first_seen: device.first_seen / 1000 } };
}
