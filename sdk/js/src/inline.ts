// A policy whose module is in its code.

import { type Kind, loadAs, loadSyncAs } from "./load.ts";
import { type Options, Policy } from "./policy.ts";

/** How a policy is loaded that brings its module. */
export interface Loader {
  /** The policy. Where modules cannot be compiled at run time, pass the one that was imported. */
  load(options?: Options, module?: WebAssembly.Module): Promise<Policy>;
  /** The policy, without waiting. */
  loadSync(options?: Options, module?: WebAssembly.Module): Policy;
}

/** A loader of the module that a text is in base64, for policies of some kind; which that is may turn on these bytes, where another module is passed. */
export function loaderOf(base64: string, kindOf: (like?: Uint8Array) => Kind<Policy> = () => Policy): Loader {
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return {
    load: (options, module) => loadAs(kindOf(module && bytes()), module ?? bytes(), options),
    loadSync: (options, module) => loadSyncAs(kindOf(module && bytes()), module ?? bytes(), options),
  };
}
