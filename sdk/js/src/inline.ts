// A policy whose module is in its code.

import { loadAs, loadSyncAs } from "./load.ts";
import { type Fast, type Options, Policy } from "./policy.ts";

/** How a policy is loaded that brings its module. */
export interface Loader {
  /** The policy. Where modules cannot be compiled at run time, pass the one that was imported. */
  load(options?: Options, module?: WebAssembly.Module): Promise<Policy>;
  /** The policy, without waiting. */
  loadSync(options?: Options, module?: WebAssembly.Module): Policy;
}

/** A loader of the module that a text is in base64, whose requests may be written fast; those of another module may be if it is alike. */
export function loaderOf(base64: string, fast?: (like?: Uint8Array) => Fast): Loader {
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return {
    load: (options, module) => loadAs(Policy, module ?? bytes(), options, fast?.(module && bytes())),
    loadSync: (options, module) => loadSyncAs(Policy, module ?? bytes(), options, fast?.(module && bytes())),
  };
}
