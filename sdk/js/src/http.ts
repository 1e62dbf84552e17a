/**
 * A guard before handlers of fetch's kind: Workers, Deno, Bun, service workers. It lets a request through where the policy allows its action, and answers it otherwise:
 * 401 with a challenge (RFC 9470), 403, or a failure.
 *
 * ```ts
 * const decide = async (request, { action }) => policy.decide({ action, signals: await evidence(request) });
 * export default { fetch: guard(policy, decide, handler, { open: ["GET /healthz"] }) };
 * ```
 *
 * @module
 */

import { type Challenge, format, problemType } from "./challenge.ts";
import { type Answer, answerTo, answerToError, challengesOf, type Query, type Refusing, refuse, Unreadable } from "./guard.ts";
import type { Policy } from "./policy.ts";
import { Routes, unclear } from "./routes.ts";
import type { Decision } from "./types.ts";

/** Comes with a challenge. A client that has authenticated on account of it sends it back: if the same is still required, it is refused, and not sent round in circles. */
export const markHeader = "Rung-Challenge";

const cookieName = "__Host-rung-challenge";

/** What a request was found to be. */
export interface About {
  readonly action: string;
  /** The values of the wildcards of the policy's pattern. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Collects the evidence and the signals of a request, and has the policy decide about the action. What it throws is answered with 503; an Unauthenticated with 401, and an
 * Unreadable with 400.
 */
export type Decide<R> = (request: R, about: About) => Decision | Promise<Decision>;

/** Scripts of which origins may ask. */
export interface CORS {
  /** Origins, such as `https://app.example`. */
  readonly origins: readonly string[];
  readonly methods?: readonly string[];
  /** Headers that scripts may send, beside Authorization, Content-Type and Rung-Challenge. */
  readonly headers?: readonly string[];
  /** Headers that scripts may see, beside WWW-Authenticate and Rung-Challenge. */
  readonly expose?: readonly string[];
  readonly credentials?: boolean;
  /** In seconds; 600 if it is left out. */
  readonly maxAge?: number;
}

/** How a guard guards. */
export interface GuardOptions<R> {
  /** Patterns of requests that are let through without a decision. None takes what is an action's. */
  readonly open?: readonly string[] | undefined;
  /** What a client may authenticate by; a bare Bearer if it is left out. */
  readonly schemes?: readonly Challenge[] | undefined;
  /** Have browsers carry the mark of a challenge in a cookie: for sessions that are cookies themselves. */
  readonly cookie?: boolean | undefined;
  /** Take encoded slashes, semicolons, backslashes and what decodes twice: for a router behind that reads paths by segments. */
  readonly anyPath?: boolean | undefined;
  readonly cors?: CORS | undefined;
  /** Milliseconds since 1970; Date.now if it is left out. */
  readonly clock?: (() => number) | undefined;
  /** Is told of every decision, for logs and counters: what it throws is passed over. */
  readonly onDecision?: ((decision: Decision, about: About, request: R) => void) | undefined;
  /** Is told what goes wrong, which may quote the request; console.error if it is left out. */
  readonly report?: ((cause: unknown, request: R) => void) | undefined;
}

/** What a guard has to know of a request, whatever the framework. */
export interface Incoming<R> {
  readonly method: string;
  readonly host: string;
  /** The path and query as they were sent. */
  readonly target: string;
  readonly header: (name: string) => string | null | undefined;
  readonly request: R;
}

/** A request that may go on. */
export interface Passed {
  readonly pass: true;
  /** undefined where it is open. */
  readonly decision?: Decision;
  readonly about?: About;
  /** Headers that the answer is to have besides: those of CORS. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** A request that is answered. */
export interface Answered {
  readonly pass: false;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}

/** A guard, whatever the framework: adapters say what a request is, and how an answer is written. */
export class Guard<R> {
  readonly #policy: Policy;
  readonly #decide: Decide<R>;
  readonly #options: GuardOptions<R>;
  readonly #schemes: readonly Challenge[];
  readonly #routes: Routes;

  /** A policy, open patterns and schemes that are none are a TypeError. */
  constructor(policy: Policy, decide: Decide<R>, options: GuardOptions<R> = {}) {
    if (!policy?.schema) throw new TypeError("a guard needs a policy, which load gives once it is awaited");
    this.#policy = policy;
    this.#decide = decide;
    this.#options = options;
    this.#schemes = options.schemes ?? [{ scheme: "Bearer", params: [] }];
    if (!this.#schemes.length || this.#schemes.some((s) => format(s) === "")) throw new TypeError("a guard needs schemes to challenge by");
    this.#routes = new Routes(policy.schema, options.open);
  }

  /** Finds the action of a request and has it decided. It never throws. */
  async check(r: Incoming<R>): Promise<Passed | Answered> {
    const cors = this.#cors(r);
    if (r.method === "OPTIONS" && cors.length && r.header("Access-Control-Request-Method"))
      return { pass: false, status: 204, headers: [...cors, ...this.#preflight()], body: null };
    const q = this.#query(r);
    let answer: Answer;
    let passed: Omit<Passed, "headers"> = { pass: true };
    try {
      const why = unclear(r, this.#options.anyPath);
      const route = why ? undefined : this.#routes.find(r.method, r.host, r.target.replace(/\?.*$/s, ""));
      if (why) answer = refuse(400, why);
      else if (!route) answer = refuse(403, "No action is known for this request.");
      else if ("open" in route) answer = { pass: true };
      // Fetch joins several lines of a header by commas, which no credential has outside of quotes in DPoP or Bearer.
      else if (/^[^"]*,/.test(r.header("Authorization") ?? "") && /^(bearer|dpop) /i.test(r.header("Authorization")!)) answer = refuse(400, "The request has several credentials.");
      else {
        const d = await this.#ask(r.request, route, q);
        passed = { pass: true, about: route, ...(d.decision && { decision: d.decision }) };
        answer = d.answer;
      }
    } catch (e) {
      answer = refuse(500, "", e);
    }
    return answer.pass ? { ...passed, headers: cors } : this.#answered(answer, r, cors);
  }

  async #ask(request: R, about: About, q: Query): Promise<{ answer: Answer; decision?: Decision }> {
    let decision: Decision;
    try {
      decision = await this.#decide(request, about);
    } catch (e) {
      return { answer: answerToError(about.action, e, q) };
    }
    try {
      this.#options.onDecision?.(decision, about, request);
    } catch {
      // it is not about the answer
    }
    return { answer: answerTo(this.#policy, about.action, decision, q), decision };
  }

  #query(r: Incoming<R>): Query {
    const cookie = this.#options.cookie ? new RegExp(`(?:^|;)\\s*${cookieName}=([^;\\s]*)`).exec(r.header("Cookie") ?? "")?.[1] : undefined;
    return { credential: Boolean(r.header("Authorization")), mark: r.header(markHeader) ?? undefined, carried: cookie, now: this.#options.clock?.() ?? Date.now() };
  }

  #answered(a: Refusing, r: Incoming<R>, cors: Passed["headers"]): Answered {
    if (a.cause !== undefined) {
      try {
        const { report = (cause: unknown): void => console.error("rung: a request was refused", cause) } = this.#options;
        report(a.cause, r.request);
      } catch {
        // it is not about the answer
      }
    }
    const headers: [string, string][] = [];
    const { status } = a.problem;
    if (status === 401) {
      for (const c of challengesOf(this.#schemes, a, r.header("Authorization") ?? "")) headers.push(["WWW-Authenticate", format(c)]);
      // Scripts of other origins see no header that is not named here (RFC 9449, section 7.1).
      if (!cors.length) headers.push(["Access-Control-Expose-Headers", `WWW-Authenticate, ${markHeader}`]);
      if (a.mark) headers.push([markHeader, a.mark]);
      if (a.mark && this.#options.cookie) headers.push(["Set-Cookie", `${cookieName}=${a.mark}; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax`]);
    }
    headers.push(["Cache-Control", "no-store"], ["Content-Type", problemType], ["X-Content-Type-Options", "nosniff"], ...(cors as [string, string][]));
    return { pass: false, status, headers, body: r.method === "HEAD" ? null : `${JSON.stringify(a.problem)}\n` };
  }

  /** What an answer has for scripts of other origins; nothing if they may not ask. */
  #cors(r: Incoming<R>): [string, string][] {
    const { cors } = this.#options;
    const origin = r.header("Origin");
    if (!cors || !origin || !cors.origins.includes(origin)) return [];
    const seen = ["WWW-Authenticate", markHeader, ...(cors.expose ?? [])].join(", ");
    return [
      ["Access-Control-Allow-Origin", origin],
      ["Access-Control-Expose-Headers", seen],
      ["Vary", "Origin"],
      ...(cors.credentials ? ([["Access-Control-Allow-Credentials", "true"]] as [string, string][]) : []),
    ];
  }

  #preflight(): [string, string][] {
    const { methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], headers = [], maxAge = 600 } = this.#options.cors!;
    return [
      ["Access-Control-Allow-Methods", methods.join(", ")],
      ["Access-Control-Allow-Headers", ["Authorization", "Content-Type", markHeader, ...headers].join(", ")],
      ["Access-Control-Max-Age", String(maxAge)],
    ];
  }
}

/** What a guard has to know of a request of fetch's kind. Its URL is what the runtime has made of what was sent, and what a handler behind sees too. */
export function incoming(request: Request): Incoming<Request> {
  const { pathname, search, host } = new URL(request.url);
  return { method: request.method, host, target: pathname + search, header: (name) => request.headers.get(name), request };
}

/** An answer as fetch has it. */
export function response({ status, headers, body }: Answered): Response {
  const out = new Headers();
  for (const [name, value] of headers) out.append(name, value);
  return new Response(body, { status, headers: out });
}

/** Answers a request that is let through. */
export type Handler<A extends unknown[]> = (request: Request, decision: Decision | undefined, ...more: A) => Response | Promise<Response>;

/** Guards a handler: the function that answers all requests, through it or without it. What it is called with besides is handed on, such as a Worker's env. */
export function guard<A extends unknown[]>(
  policy: Policy,
  decide: Decide<Request>,
  handler: Handler<A>,
  options?: GuardOptions<Request>,
): (request: Request, ...more: A) => Promise<Response> {
  const g = new Guard(policy, decide, options);
  return async (request, ...more) => {
    const checked = await g.check(incoming(request));
    if (!checked.pass) return response(checked);
    const answer = await handler(request, checked.decision, ...more);
    if (!checked.headers.length) return answer;
    const out = new Response(answer.body, answer);
    for (const [name, value] of checked.headers) out.headers.append(name, value);
    return out;
  };
}

/** A request's body, which can be read again afterwards: for a function that decides by what it holds. More than `limit` bytes, and a client that breaks off, are an Unreadable. */
export async function bodyOf(request: Request, limit: number): Promise<Uint8Array> {
  const reader = request.clone().body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    let next: { done: boolean; value?: Uint8Array | undefined } | undefined;
    try {
      next = await reader?.read();
    } catch (cause) {
      throw new Unreadable("the body broke off", { cause });
    }
    if (!next?.value) break;
    size += next.value.length;
    if (size > limit) {
      reader?.cancel().catch(() => undefined);
      throw new Unreadable("the body is too large");
    }
    parts.push(next.value);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}
