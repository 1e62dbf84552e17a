// What `rung build --js` writes, but for the bytes and the types of the policy.

import { loadAs, loadSyncAs } from "./load.ts";
import { type Options, Policy } from "./policy.ts";

export { LoadError } from "./policy.ts";
export { decideWith } from "./provide.ts";

/** rung puts the module here, in base64. */
const inside = "@rung:module@";

const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(inside), (c) => c.charCodeAt(0));

/** The policy. Where modules cannot be compiled at run time, pass the one that was imported. */
export function load(options?: Options, module?: WebAssembly.Module): Promise<Policy> {
  return loadAs(Policy, module ?? bytes(), options);
}

/** The policy, without waiting. */
export function loadSync(options?: Options, module?: WebAssembly.Module): Policy {
  return loadSyncAs(Policy, module ?? bytes(), options);
}
