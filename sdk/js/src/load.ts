// How a module comes to be a policy.

import { LoadError, type Options } from "./policy.ts";

/** What a policy is loaded from. Where modules cannot be compiled at run time, as at the edge, that is a module that was imported. */
export type Source = WebAssembly.Module | BufferSource | Response | URL | PromiseLike<WebAssembly.Module | BufferSource | Response>;

/** A class of policies. */
export type Kind<P> = new (module: WebAssembly.Module, options?: Options) => P;

const isModule = (v: unknown): v is WebAssembly.Module => Object.prototype.toString.call(v) === "[object WebAssembly.Module]";
const isResponse = (v: unknown): v is Response => Object.prototype.toString.call(v) === "[object Response]";

/** Makes a policy of a module, of the bytes of one, or of where they come from. */
export async function loadAs<P>(kind: Kind<P>, source: Source, options?: Options): Promise<P> {
  return new kind(await compile(source), options);
}

/** Makes a policy of a module, or of bytes, without waiting. */
export function loadSyncAs<P>(kind: Kind<P>, source: WebAssembly.Module | BufferSource, options?: Options): P {
  return new kind(isModule(source) ? source : tried(() => new WebAssembly.Module(source)), options);
}

const said = "the module cannot be compiled: where that is forbidden at run time, import it and pass the module";

function tried<T>(f: () => T): T {
  try {
    return f();
  } catch (cause) {
    throw new LoadError(said, { cause });
  }
}

async function compile(source: Source): Promise<WebAssembly.Module> {
  const from = source instanceof URL ? await open(source) : await source;
  if (isModule(from)) return from;
  const bytes = isResponse(from) ? await body(from) : from;
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new LoadError(said, { cause });
  }
}

/** The bytes of a response. A policy is small: there is little to gain by compiling while they come. */
async function body(r: Response): Promise<ArrayBuffer> {
  if (!r.ok) throw new LoadError(`the module was not served: status ${r.status}`);
  return r.arrayBuffer();
}

async function open(url: URL): Promise<BufferSource | Response> {
  if (url.protocol !== "file:") return fetch(url);
  // Node's fetch opens no files. Bundlers for browsers need not know of the import.
  const fs = "node:fs/promises";
  const { readFile } = (await import(fs)) as { readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> };
  return readFile(url);
}
