/**
 * The SDK without the reader of JSON, which is a kilobyte of the whole: for who passes objects to `decide`.
 *
 * @module
 */

import { loadAs, loadSyncAs, type Source } from "./load.ts";
import { type Options, Policy } from "./policy.ts";

export type { Source } from "./load.ts";
export { LoadError, type Options, type Params, Policy } from "./policy.ts";
export { decideWith, type Lookup, type ProvideOptions, type Provider, type Providers } from "./provide.ts";
export type { Action, Attribute, Level, Outputs, Rule, Schema, Type } from "./schema.ts";
export type * from "./types.ts";

/** Makes a policy of a module, of the bytes of one, or of where they come from. A file: URL is read where there are files. */
export function load(source: Source, options?: Options): Promise<Policy> {
  return loadAs(Policy, source, options);
}

/** Makes a policy of a module, or of bytes, without waiting: where modules are imported, or compiled on the spot. */
export function loadSync(source: WebAssembly.Module | BufferSource, options?: Options): Policy {
  return loadSyncAs(Policy, source, options);
}
