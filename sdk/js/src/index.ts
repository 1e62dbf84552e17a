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
import type { Decision, Host } from "./types.ts";

export * from "./core.ts";

/** A policy: `load` and `loadSync` make one. Decisions are synchronous, and taken one at a time. */
export class Policy extends core.Policy {
  /**
   * Decides about a request that somebody has sent as JSON, by a reader that is as strict as every engine's. What is the host's to say is an argument, and refused in the text,
   * unless the policy's options trust that. It never throws.
   */
  decideJSON(text: string | Uint8Array, host?: Host): Decision {
    const got = read(text);
    if ("value" in got) return this.readText(got.value, host);
    return refused("invalid_request", got.message, got.path && this.shown(got.path));
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
