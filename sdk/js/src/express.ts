/**
 * The guard as middleware of Express, and of what calls handlers as Node's http does. It stands before the router.
 *
 * @module
 */

import { type Decide, Guard, type GuardOptions, type Incoming } from "./http.ts";
import type { Policy } from "./policy.ts";
import type { Decision } from "./types.ts";

/** A request of Node's http, as Express hands it on. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Of Express: the URL before a router has cut off what it is mounted at. */
  readonly originalUrl?: string | undefined;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** Names and values in turn, as they came. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** What was decided, once the guard has let the request through. */
  decision?: Decision | undefined;
}

/** An answer of Node's http. */
export interface NodeResponse {
  statusCode: number;
  appendHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
}

/** Middleware that lets a request through where the policy allows its action. The decision is then `request.decision`. */
export function guardExpress<R extends NodeRequest>(
  policy: Policy,
  decide: Decide<R>,
  options?: GuardOptions<R>,
): (request: R, response: NodeResponse, next: (error?: unknown) => void) => void {
  const g = new Guard(policy, decide, options);
  return (request, response, next) => {
    void g.check(incoming(request)).then((checked) => {
      for (const [name, value] of checked.headers) response.appendHeader(name, value);
      if (checked.pass) {
        request.decision = checked.decision;
        next();
      } else {
        response.statusCode = checked.status;
        response.end(checked.body ?? undefined);
      }
    }, next);
  };
}

/** What a guard has to know of a request of Node's http. */
export function incoming<R extends NodeRequest>(request: R): Incoming<R> {
  const header = (name: string): string | undefined => {
    // Node keeps the first credential of several.
    const all = name === "Authorization" ? (request.rawHeaders ?? []).filter((_, i, raw) => i % 2 && raw[i - 1]!.toLowerCase() === "authorization") : [];
    if (all.length > 1) return all.join(", ");
    const v = request.headers[name.toLowerCase()];
    return typeof v === "string" ? v : v?.join(", ");
  };
  const sent = request.originalUrl ?? request.url ?? "";
  const [, host, target] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(sent) ?? [];
  return { method: request.method ?? "", host: host?.replace(/^.*@/, "") ?? header("host") ?? "", target: target ?? sent, header, request };
}
