/**
 * The guard as middleware of Hono.
 *
 * @module
 */

import { type Decide, Guard, type GuardOptions, incoming, response } from "./http.ts";
import type { Policy } from "./policy.ts";

/** A context of Hono, as far as the guard knows it. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  res: Response;
  set(name: string, value: unknown): void;
}

/** Middleware that lets a request through where the policy allows its action. The decision is then `c.get("decision")`. What decides gets Hono's context. */
export function guardHono<C extends HonoContext>(policy: Policy, decide: Decide<C>, options?: GuardOptions<C>): (c: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const g = new Guard(policy, decide, options);
  return async (c, next) => {
    const checked = await g.check({ ...incoming(c.req.raw), request: c });
    if (!checked.pass) return response(checked);
    c.set("decision", checked.decision);
    await next();
    if (checked.headers.length) {
      const out = new Response(c.res.body, c.res);
      for (const [name, value] of checked.headers) out.headers.append(name, value);
      c.res = out;
    }
    return undefined;
  };
}
