/**
 * Decides by step-up policies that `rung build` has compiled: in browsers, servers and at the edge.
 *
 * ```ts
 * import { load } from "@rungpolicy/rung";
 *
 * const policy = await load(new URL("./policy.wasm", import.meta.url));
 * const decision = policy.decide({
 *   action: "transfer.create",
 *   signals: { session: { amr: ["pwd"] }, resource: { amount: 2500 } },
 * });
 * console.log(decision.effect); // "step_up"
 * ```
 *
 * @module
 */

import * as core from "./core.ts";
import { read } from "./json.ts";
import { loadAs, loadSyncAs, type Source } from "./load.ts";
import { type Options, refused } from "./policy.ts";
import { pointer, writeRequest } from "./record.ts";
import { hosts, type Plan, type Type } from "./schema.ts";
import type { Decision, Host } from "./types.ts";

export * from "./core.ts";

/** A policy: `load` and `loadSync` make one. Decisions are synchronous, and taken one at a time. */
export class Policy extends core.Policy {
  readonly #plans = new Map<Plan, Plan>();

  /** How requests are written that somebody has sent: what is the host's is refused, or taken in the forms of JSON alone. */
  readonly #sent = (request: Plan): Plan => {
    let plan = this.#plans.get(request);
    if (plan) return plan;
    const { trusted } = this.options;
    const fields = new Map(request.fields);
    for (const name of hosts) {
      const f = fields.get(name)!;
      if (!trusted || name === "now") fields.set(name, { ...f, kind: trusted ? "timestamp" : "value to send" });
    }
    plan = { ...request, fields };
    this.#plans.set(request, plan);
    return plan;
  };

  /**
   * Decides about a request that somebody has sent as JSON, by a reader that is as strict as every engine's. What is the host's to say is an argument, and refused in the text,
   * unless the policy's options trust that. It never throws.
   */
  decideJSON(text: string | Uint8Array, host?: Host): Decision {
    const got = read(text);
    if (!("value" in got)) return refused("invalid_request", got.message, got.path && this.#shown(got.path));
    return this.decideBy(got.value, (plan) => {
      writeRequest(this.#sent(plan), got.value);
      if (host) writeRequest(plan, { now: host.now, posture: host.posture, params: host.params });
    });
  }

  /** A place in a request as a pointer. In a sensitive signal it ends before the first name that the policy does not know: keys of maps are data. */
  #shown(path: readonly (string | number)[]): string {
    const signal = path[0] === "signals" ? this.schema.signals?.find((s) => s.name === path[1]) : undefined;
    let out = "";
    let type = signal?.sensitive ? signal.type : undefined;
    for (const [i, name] of path.entries()) {
      if (type && i > 1) {
        const t = type as { readonly list?: Type; readonly object?: readonly { readonly name: string; readonly type: Type }[] };
        type = t.list ?? t.object?.find((a) => a.name === name)?.type;
        if (!type) break;
      }
      out += pointer(name);
    }
    return out;
  }
}

/** Makes a policy of a module, of the bytes of one, or of where they come from. A file: URL is read where there are files. */
export function load(source: Source, options?: Options): Promise<Policy> {
  return loadAs(Policy, source, options);
}

/** Makes a policy of a module, or of bytes, without waiting: where modules are imported, or compiled on the spot. */
export function loadSync(source: WebAssembly.Module | BufferSource, options?: Options): Policy {
  return loadSyncAs(Policy, source, options);
}
