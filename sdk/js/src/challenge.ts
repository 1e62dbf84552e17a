/**
 * Challenges of a WWW-Authenticate field, by which a server says that a session is not strong or not fresh enough: RFC 9470, on top of RFC 6750 (Bearer) and RFC 9449
 * (DPoP). A server writes one, and a client reads it and sends its user to authenticate; for a client this file is all it needs.
 *
 * ```ts
 * const up = stepUpOf(parse(response.headers.get("WWW-Authenticate") ?? ""));
 * if (up) location.assign(`${authorize}?${new URLSearchParams({ ...more, ...query(up) })}`);
 * ```
 *
 * @module
 */

import type { Decision, Group } from "./types.ts";

/** A parameter of a challenge. The case of its name does not count. */
export type Param = readonly [name: string, value: string];

/** One challenge of a WWW-Authenticate field (RFC 9110, section 11.3). */
export interface Challenge {
  /** As it was written; its case does not count. */
  readonly scheme: string;
  /** Stands in the place of parameters in some schemes, such as Negotiate. */
  readonly token68?: string;
  /** In the order written, without two of one name. */
  readonly params: readonly Param[];
}

/** What a client has to do: to authenticate its user anew, so strongly and at most so long ago. */
export interface StepUp {
  /** In the order of preference: any of them does. */
  readonly acr_values?: readonly string[];
  /** How many seconds ago the user may have authenticated at most; 0 is: now. */
  readonly max_age?: number;
  /** RFC 8176 methods, one of each group. A header has no word for them, so they stand in the body alone. */
  readonly methods?: readonly Group[];
  /** For people, in any language. */
  readonly reasons?: readonly string[];
  /** The challenge's error_description; if it is left out, the first of the reasons that fits into a header, and else a sentence. */
  readonly description?: string;
  readonly realm?: string;
  readonly scope?: string;
  /** RFC 9728. */
  readonly resource_metadata?: string;
}

/** The body of an answer that refuses (RFC 9457). It has what a client may know: the authors' reasons, but no rule's name. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly error?: string;
  readonly acr_values?: readonly string[];
  readonly max_age?: number;
  readonly methods?: readonly Group[];
  readonly reasons?: readonly string[];
}

/** How a challenge is written. */
export interface ChallengeOptions {
  /** Bearer, if it is left out. */
  readonly scheme?: string;
  readonly realm?: string;
  readonly scope?: string;
  readonly resource_metadata?: string;
  /** Of DPoP: which algorithms of proofs the server takes (RFC 9449, section 7.1). */
  readonly algs?: readonly string[];
}

/** The error of a challenge that asks for another authentication (RFC 9470, section 3). */
export const insufficient = "insufficient_user_authentication";

/** The media type of a {@link Problem}. */
export const problemType = "application/problem+json";

/** What acr_values may take of a header: proxies refuse large ones. What comes first is cheapest, so what is left out are the dearest ways. */
const maxWords = 4 << 10;

/** What a message may take of a header; the body has it whole. */
const maxMessage = 200;

const tokens = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const token68s = /^[-._~+/\dA-Za-z]+=*$/;
const fieldText = /^[\t -~]*$/;
const wordText = /^[!#-[\]-~]+$/;
const description = /^(?=.*\S)[ !#-[\]-~]{1,200}$/;

/** What to challenge for; undefined for every effect but step_up. */
export function stepUp(d: Decision): StepUp | undefined {
  if (d.effect !== "step_up" || !d.requirement) return undefined;
  const { acr_values, max_age, methods } = d.requirement;
  const reasons = messages(d);
  return { ...(acr_values && { acr_values }), ...(max_age !== undefined && { max_age }), ...(methods && { methods }), ...(reasons.length > 0 && { reasons }) };
}

/** The reasons for people that the authors of the rules gave, each once: none says which rule it is of. */
export function messages(d: Decision): string[] {
  const reasons = (d as { reasons?: readonly { message?: string }[] }).reasons ?? [];
  return [...new Set(reasons.flatMap((r) => r.message || []))];
}

/** The value of a WWW-Authenticate field for a decision that is step_up; undefined for another. */
export function challenge(d: Decision, { scheme = "Bearer", algs = [], ...more }: ChallengeOptions = {}): string | undefined {
  const up = stepUp(d);
  return up && format(challengeOf({ ...up, ...more }, { scheme, params: algorithms(algs) }));
}

/** The parameter that says which algorithms of DPoP proofs a server takes; none if there are none. */
export function algorithms(algs: readonly string[]): Param[] {
  const fit = words(algs);
  return fit ? [["algs", fit]] : [];
}

/** The challenge in a scheme, beside parameters of the host's own. Those of RFC 9470 come first in a scheme that is bare but for algs. */
export function challengeOf(s: StepUp, { scheme, params }: Challenge): Challenge {
  const own: Param[] = [
    ["realm", s.realm ?? ""],
    ["error", insufficient],
    ["error_description", described(s)],
    ["acr_values", words(s.acr_values ?? [])],
    ["max_age", s.max_age === undefined ? "" : String(Math.max(0, s.max_age))],
    ["scope", words((s.scope ?? "").split(/\s+/))],
    ["resource_metadata", s.resource_metadata ?? ""],
  ];
  return { scheme, params: [...own.filter(([name, value]) => value && fieldText.test(value) && param({ scheme, params }, name) === undefined), ...params] };
}

/**
 * A challenge as a field's value, for a line of its own. What a field cannot hold stays out: a parameter whose value has a control character or one beyond ASCII,
 * or whose name is no token, is left out as a whole, never cut or replaced. It is "" if the scheme is no token.
 */
export function format({ scheme, token68, params }: Challenge): string {
  if (!tokens.test(scheme)) return "";
  if (token68 !== undefined && token68s.test(token68)) return `${scheme} ${token68}`;
  const fit = params.filter(([name, value], i) => tokens.test(name) && fieldText.test(value) && param({ scheme, params: params.slice(0, i) }, name) === undefined);
  return [scheme, fit.map(([name, value]) => `${name}="${value.replace(/["\\]/g, "\\$&")}"`).join(", ")].filter(Boolean).join(" ");
}

/** The value of a parameter; undefined if it is not there. */
export function param({ params }: Challenge, name: string): string | undefined {
  return params.find(([n]) => n.toLowerCase() === name.toLowerCase())?.[1];
}

/** A text that error_description can hold: RFC 6750, section 3, leaves out quotes and backslashes, escaped too. */
function described(s: StepUp): string {
  const fit = [s.description ?? "", ...(s.reasons ?? [])].find((text) => text.length <= maxMessage && description.test(text));
  if (fit) return fit;
  return s.max_age !== undefined && !s.acr_values?.length ? "More recent authentication is required" : "A different authentication level is required";
}

/** Joins those that fit with spaces, up to a size. */
function words(list: readonly string[]): string {
  let out = "";
  for (const w of list) {
    if (!wordText.test(w)) continue;
    if (out.length + w.length + 1 > maxWords) break;
    out += (out && " ") + w;
  }
  return out;
}

/** The parameters of the authorization request that answers a challenge (RFC 9470, section 4). What comes back is to be checked all the same. */
export function query(s: StepUp): Record<string, string> {
  const acr_values = words(s.acr_values ?? []);
  return { ...(acr_values && { acr_values }), ...(s.max_age !== undefined && { max_age: String(Math.max(0, s.max_age)) }) };
}

/** The body that goes with a challenge. */
export function problem(s: StepUp): Problem {
  const { description: _, realm: _r, scope: _s, resource_metadata: _m, max_age, ...rest } = s;
  const detail = s.description || described({ ...(s.acr_values && { acr_values: s.acr_values }), ...(max_age !== undefined && { max_age }) });
  return { title: "Unauthorized", status: 401, detail, error: insufficient, ...rest, ...(max_age !== undefined && { max_age: Math.max(0, max_age) }) };
}

/** Lines that are no challenges: where, and why. */
export class ParseError extends Error {
  override readonly name: string = "ParseError";
  readonly line: number;
  readonly offset: number;
  constructor(line: number, offset: number, reason: string) {
    super(`WWW-Authenticate, line ${line}, character ${offset}: ${reason}`);
    this.line = line;
    this.offset = offset;
  }
}

/**
 * Reads the lines of a WWW-Authenticate field, each with one or several challenges, as RFC 9110 has them: lines are one list, empty elements are skipped. It is strict: what is not by the
 * grammar, a parameter that is there twice, and more than 16 KiB, 32 challenges or 32 parameters are a ParseError, and nothing is returned of the rest.
 */
export function parse(...lines: readonly string[]): Challenge[] {
  const p = new Parser();
  let size = 0;
  for (const [i, line] of lines.entries()) {
    p.begin(i, line);
    size += line.length;
    if (size > 16 << 10) p.fail("more than 16 KiB");
    p.list();
  }
  return p.found;
}

class Parser {
  readonly found: { scheme: string; token68?: string; params: Param[] }[] = [];
  #line = 0;
  #text = "";
  #at = 0;
  /** Whether the last challenge may have more parameters. */
  #takes = false;

  begin(line: number, text: string): void {
    this.#line = line;
    this.#text = text;
    this.#at = 0;
  }

  fail(reason: string): never {
    throw new ParseError(this.#line, this.#at, reason);
  }

  /** Takes what matches here, "" if nothing does. */
  #run(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }

  get #next(): string {
    return this.#text.charAt(this.#at);
  }

  /** A line: #element, whose commas separate challenges and parameters alike. */
  list(): void {
    for (;;) {
      this.#run(/[ \t,]*/y);
      if (!this.#next) return;
      this.#element();
      this.#run(/[ \t]*/y);
      if (this.#next && this.#next !== ",") this.fail("expected a comma");
    }
  }

  /** A parameter of the challenge under way, or the beginning of another one: a name with an equals sign behind it is a parameter's. */
  #element(): void {
    const from = this.#at;
    const name = this.#run(/[!#$%&'*+\-.^_`|~\dA-Za-z]+/y);
    if (!name) this.fail("expected a name");
    const after = this.#at;
    this.#run(/[ \t]*/y);
    if (this.#next === "=") {
      this.#at = from;
      if (!this.#takes) this.fail("a parameter without a scheme");
      this.#param();
    } else {
      this.#at = after;
      this.#scheme(name);
    }
  }

  #scheme(scheme: string): void {
    if (this.found.length === 32) this.fail("more than 32 challenges");
    this.found.push({ scheme, params: [] });
    this.#takes = this.#run(/ */y) !== "";
    if (!this.#takes || !this.#next || this.#next === ",") return;
    const token68 = this.#run(/[-._~+/\dA-Za-z]+=*(?=[ \t]*(?:,|$))/y);
    if (token68) {
      this.found.at(-1)!.token68 = token68;
      this.#takes = false;
    } else this.#param();
  }

  /** `name = value` */
  #param(): void {
    const last = this.found.at(-1)!;
    const name = this.#run(/[!#$%&'*+\-.^_`|~\dA-Za-z]+/y);
    if (!name) this.fail("expected a parameter");
    if (param(last, name) !== undefined) this.fail("a parameter is there twice");
    if (last.params.length === 32) this.fail("more than 32 parameters");
    this.#run(/[ \t]*/y);
    if (this.#next !== "=") this.fail("expected an equals sign");
    this.#run(/=[ \t]*/y);
    last.params.push([name, this.#value()]);
  }

  #value(): string {
    if (this.#next !== '"') return this.#run(/[!#$%&'*+\-.^_`|~\dA-Za-z]+/y) || this.fail("expected a value");
    const quoted = this.#run(/"(?:[\t !#-[\]-~\u0080-\uffff]|\\[\t -~\u0080-\uffff])*"/y);
    if (!quoted) this.fail("a quoted string without an end, or with a control character");
    return this.#decoded(quoted.slice(1, -1).replace(/\\(.)/gs, "$1"));
  }

  /** Fields are bytes, and come as Latin-1: what is beyond ASCII is taken if it is UTF-8. */
  #decoded(s: string): string {
    if (!/[\u0080-\uffff]/.test(s)) return s;
    try {
      if (/[^\0-\u00ff]/.test(s)) throw new TypeError("no bytes");
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(s, (c) => c.charCodeAt(0)));
    } catch {
      return this.fail("text that is not UTF-8");
    }
  }
}

/** A challenge of RFC 9470 that is not well-formed. */
export class StepUpError extends Error {
  override readonly name: string = "StepUpError";
}

/**
 * The first challenge of RFC 9470; undefined if there is none, whatever the schemes. Where it has neither acr_values nor max_age, any new authentication may do.
 * One that is not well-formed is a StepUpError.
 */
export function stepUpOf(challenges: readonly Challenge[]): StepUp | undefined {
  const c = challenges.find((x) => param(x, "error") === insufficient);
  if (!c) return undefined;
  const acr = param(c, "acr_values");
  const age = param(c, "max_age");
  const acr_values = acr?.split(" ");
  if (acr_values?.some((w) => !wordText.test(w))) throw new StepUpError("acr_values are words with one space between them");
  if (age !== undefined && (!/^\d+$/.test(age) || +age >= 2 ** 31)) throw new StepUpError("max_age is a whole number of seconds");
  const text = (name: string, as: string): Record<string, string> => {
    const v = param(c, name);
    return v ? { [as]: v } : {};
  };
  return {
    ...(acr_values && { acr_values }),
    ...(age !== undefined && { max_age: +age }),
    ...text("error_description", "description"),
    ...text("realm", "realm"),
    ...text("scope", "scope"),
    ...text("resource_metadata", "resource_metadata"),
  };
}
