/**
 * The guard as middleware of Next.js, which runs before its router.
 *
 * @module
 */

import { type Decide, Guard, type GuardOptions, incoming, response } from "./http.ts";
import type { Policy } from "./policy.ts";

/**
 * Middleware that answers what the policy does not allow, and lets the rest go on to the router, which undefined says.
 *
 * It needs no package of Next's. Scripts of other origins are for Next's own configuration to let in: `cors` answers preflights alone.
 */
export function guardNext<R extends Request>(policy: Policy, decide: Decide<R>, options?: GuardOptions<R>): (request: R) => Promise<Response | undefined> {
  const g = new Guard(policy, decide, options);
  return async (request) => {
    const checked = await g.check({ ...incoming(request), request });
    return checked.pass ? undefined : response(checked);
  };
}
