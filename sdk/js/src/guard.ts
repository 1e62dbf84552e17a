/**
 * What guards of all kinds have in common: what a decision is answered with, and the session from the claims of a token. It fails closed: an answer passes for a
 * decision that allows this action, and for nothing else.
 *
 * @module
 */

import { firstSecond, lastSecond } from "./abi.ts";
import { type Challenge, challengeOf, messages, type Problem, problem, type StepUp, stepUp } from "./challenge.ts";
import type { Outputs } from "./schema.ts";
import type { Decision, Requirement, Value } from "./types.ts";

/** Says that the credential of who asks is not valid: throw it where reading the evidence shows so. The answer is then a challenge and no failure. */
export class Unauthenticated extends Error {
  override readonly name: string = "Unauthenticated";
}

/** Says that what was sent cannot be read, such as a body that is no JSON: the answer is then 400, and the message is for the host's log alone. */
export class Unreadable extends Error {
  override readonly name: string = "Unreadable";
}

/** RFC 6750's. */
export const invalidToken = "invalid_token";

/** Says that another challenge would not help: OpenID's. */
export const unmet = "unmet_authentication_requirements";

/** What a guard knows of a request besides its decision. */
export interface Query {
  /** It came with a credential, valid or not. Who came with none is not told what an action requires (RFC 9470, section 9). */
  readonly credential: boolean;
  /** What the client gave back of an earlier challenge, as a statement: it comes back from that. */
  readonly mark?: string | undefined;
  /** A mark that comes with every request, as in a cookie: it counts only where the session has authenticated since. */
  readonly carried?: string | undefined;
  /** The moment, in milliseconds since 1970. */
  readonly now: number;
}

/** What to answer with. */
export type Answer = { readonly pass: true } | Refusing;

/** What to refuse with. */
export interface Refusing {
  readonly pass: false;
  /** The answer's status and body. */
  readonly problem: Problem;
  /** What to challenge for, with status 401. */
  readonly challenge?: StepUp;
  /** For the client to give back, beside a challenge. */
  readonly mark?: string;
  /** What went wrong, for the host's log: it holds what a client is not told. */
  readonly cause?: unknown;
}

const titles: Readonly<Record<number, string>> = { 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error", 503: "Service Unavailable" };

/** An answer that refuses with one of the statuses 400, 401, 403, 500 and 503; other ones are 500. */
export function refuse(status: number, detail: string, cause?: unknown, more?: Partial<Problem>): Refusing {
  const known = titles[status] ? status : 500;
  return { pass: false, problem: { title: titles[known]!, status: known, ...(detail && { detail }), ...more }, ...(cause !== undefined && { cause }) };
}

/** The answer to a decision about an action. It passes if the decision allows the action. */
export function answerTo(policy: { readonly outputs: Outputs }, action: string, d: Decision | undefined, q: Query): Answer {
  const failed = (detail: string, status = 500, why = detail): Refusing => refuse(status, status === 500 ? "" : detail, new Error(`deciding about ${action}: ${why}`));
  if (!d) return failed("there is no decision");
  if (d.error) {
    const why = `${d.error.code}: ${d.error.message} ${d.error.path ?? ""}`;
    return d.error.code === "invalid_request" ? failed("The request holds what cannot be decided about.", 400, why) : failed("", 500, why);
  }
  if (d.action !== action) return failed(`the decision is about ${d.action}`);
  switch (d.effect) {
    case "allow":
      return { pass: true };
    case "step_up":
      return stepUpAnswer(policy, d.requirement, d, q);
    case "need":
      return failed("The evidence is not available.", 503, `nobody looked for ${d.need.join(", ")}`);
    case "deny": {
      const reasons = messages(d);
      return refuse(403, "", undefined, reasons.length ? { reasons } : {});
    }
  }
  return failed("the effect is none");
}

/** The answer to what was thrown in a decision's place. */
export function answerToError(action: string, e: unknown, q: Query): Refusing {
  const cause = new Error(`deciding about ${action}`, { cause: e });
  if (e instanceof Unauthenticated) return unauthenticated(q, cause);
  if (e instanceof Unreadable) return refuse(400, "The request cannot be read.", cause);
  return refuse(503, "The evidence is not available.", cause);
}

function unauthenticated(q: Query, cause?: unknown): Refusing {
  return refuse(401, "", cause, q.credential ? { error: invalidToken } : {});
}

function stepUpAnswer(policy: { readonly outputs: Outputs }, r: Requirement, d: Decision, q: Query): Refusing {
  const up = stepUp(d)!;
  const { satisfied } = d as { satisfied?: { level: string; age?: number } };
  if (!q.credential && !satisfied) return unauthenticated(q);
  if (r.reachable === false) return deadEnd(up, "None of the enrolled methods can meet what is required.");
  if (meets(policy, r, satisfied)) return deadEnd(up, "The authentication has all that a challenge can ask for, and is not of the methods that are required.");
  if (returned(r, satisfied?.age, q)) return deadEnd(up, "The new authentication does not meet what was asked for either.");
  return { pass: false, problem: problem(up), challenge: up, mark: mark(r, q.now) };
}

/** Refuses where a challenge would send the user round in circles. */
function deadEnd(up: StepUp, detail: string): Refusing {
  const { reasons, methods } = up;
  return refuse(403, detail, undefined, { error: unmet, ...(methods && { methods }), ...(reasons && { reasons }) });
}

/** Whether the session proves all that the challenge can say: then the same would come back. A module does not tell whether a higher level would imply methods. */
function meets({ outputs: { levels = [] } }: { readonly outputs: Outputs }, r: Requirement, has: { level: string; age?: number } | undefined): boolean {
  if (!has || r.methods?.length || (r.max_age !== undefined && (has.age === undefined || has.age > r.max_age))) return false;
  const rank = (name: string): number => levels.find((l) => l.name === name)?.rank ?? 0;
  return rank(r.level) > 0 && rank(has.level) >= rank(r.level);
}

/** How long after a challenge an answer to it is expected, in milliseconds. */
const window = 15 * 60_000;

/**
 * Names a requirement and the moment of the challenge for it. The client gives it back with what it does after having authenticated; where the same is still required then, asking
 * again would not end. So a guard keeps no state. A mark is not signed: who makes one up is refused, and nothing else.
 */
export function mark(r: Requirement, now: number): string {
  return `${Math.floor(now / 1000).toString(36)}.${sum(r)}`;
}

/** Short for a requirement, but for the number in max_age, which may hang on the moment: FNV-1a of 64 bits, as Go's guards have it. */
function sum(r: Requirement): string {
  let h = 0xcbf29ce484222325n;
  const add = (b: number): void => {
    h = BigInt.asUintN(64, (h ^ BigInt(b)) * 0x100000001b3n);
  };
  const say = (text: string): void => {
    const bytes = new TextEncoder().encode(text);
    let n = bytes.length;
    for (; n > 127; n >>= 7) add((n & 127) | 128);
    add(n);
    bytes.forEach(add);
  };
  say(r.level);
  say(String(r.max_age !== undefined));
  r.acr_values?.forEach(say);
  for (const group of r.methods ?? []) ["one of", ...group.one_of].forEach(say);
  return h.toString(16).padStart(16, "0");
}

/** Whether a client comes back from a challenge for this very requirement. */
function returned(r: Requirement, age: number | undefined, q: Query): boolean {
  if (marked(q.mark, r, q.now) !== undefined) return true;
  const then = marked(q.carried, r, q.now);
  return then !== undefined && age !== undefined && age < Math.trunc((q.now - then) / 1000);
}

/** When a mark was made, if it is of this requirement and not of old. */
function marked(text: string | undefined, r: Requirement, now: number): number | undefined {
  const [at, of] = /^([+-]?[\da-zA-Z]{1,12})\.(.*)$/s.exec(text ?? "")?.slice(1) ?? [];
  if (at === undefined || of !== sum(r)) return undefined;
  const then = Number.parseInt(at, 36) * 1000;
  const age = now - then;
  return -60_000 <= age && age <= window ? then : undefined;
}

/** What a client may authenticate by, as the challenges that one without a credential gets. */
export type Schemes = readonly Challenge[];

/** The challenges that go with an answer of 401. The error stands in the scheme of the credential that came, or in the first; the others are bare (RFC 9449, section 7.2). */
export function challengesOf(schemes: Schemes, a: Refusing, authorization: string): Challenge[] {
  const word = (authorization.split(" ")[0] ?? "").toLowerCase();
  const used = Math.max(
    0,
    schemes.findIndex((s) => s.scheme.toLowerCase() === word),
  );
  return schemes.map((s, i): Challenge => {
    if (i !== used) return s;
    if (a.challenge) {
      const { params } = challengeOf(a.challenge, s);
      const own = s.params.length;
      return { scheme: s.scheme, params: [...s.params, ...params.slice(0, params.length - own)] };
    }
    return a.problem.error ? { scheme: s.scheme, params: [...s.params, ["error", a.problem.error]] } : s;
  });
}

/** The session signal, as far as a token says it. */
export interface Session {
  readonly id?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: Date;
  readonly [more: string]: Value;
}

/**
 * Reads the claims of a token (RFC 9470, section 6; OpenID Connect): acr, amr, auth_time and sid. The token is verified before, by a library for that, such as
 * jose. A claim that is missing or null is missing in the session, which then proves less; one of another type is an Unauthenticated. auth_time never comes from iat: a token may
 * be refreshed without anybody having authenticated.
 */
export function sessionOf(claims: { readonly [name: string]: unknown }): Session {
  const claim = <T>(name: string, is: (v: unknown) => v is T): T | undefined => {
    const v = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (v === null || v === undefined) return undefined;
    if (!is(v)) throw new Unauthenticated(`the claim ${name} is of another type`);
    return v;
  };
  const isText = (v: unknown): v is string => typeof v === "string";
  const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every(isText);
  // What a token counts in milliseconds lies beyond the years.
  const isMoment = (v: unknown): v is number => typeof v === "number" && v > firstSecond && v <= lastSecond;
  const id = claim("sid", isText);
  const acr = claim("acr", isText);
  const amr = claim("amr", isTexts);
  const time = claim("auth_time", isMoment);
  // A fraction is cut: an authentication seems older by it, never younger.
  return { ...(id && { id }), ...(acr && { acr }), ...(amr && { amr }), ...(time !== undefined && { auth_time: new Date(Math.floor(time) * 1000) }) };
}
