// How a module comes to be a policy.

import { LoadError, type Options } from "./policy.ts";

/** What a policy is loaded from. Where modules cannot be compiled at run time, as at the edge, that is a module that was imported. */
export type Source = WebAssembly.Module | BufferSource | Response | URL | PromiseLike<WebAssembly.Module | BufferSource | Response>;

/** A class of policies. */
export type Kind<P> = new (module: WebAssembly.Module, options?: Options) => P;

/** Whether something is of a class of the runtime's, in whichever realm. */
const is = <T>(v: unknown, name: string): v is T => (v as { readonly [Symbol.toStringTag]?: unknown } | null | undefined)?.[Symbol.toStringTag] === name;

/** Makes a policy of a module, of the bytes of one, or of where they come from. */
export async function loadAs<P>(kind: Kind<P>, source: Source, options?: Options): Promise<P> {
  let from = await (source instanceof URL ? open(source) : source);
  if (is<Response>(from, "Response")) {
    if (!from.ok) throw new LoadError(`status ${from.status} from ${from.url}`);
    // A policy is small: there is little to gain by compiling while it comes.
    from = await from.arrayBuffer();
  }
  return new kind(is<WebAssembly.Module>(from, "WebAssembly.Module") ? from : await WebAssembly.compile(from).catch(fail), options);
}

/** Makes a policy of a module, or of bytes, without waiting. */
export function loadSyncAs<P>(kind: Kind<P>, source: WebAssembly.Module | BufferSource, options?: Options): P {
  let module: WebAssembly.Module;
  try {
    module = is<WebAssembly.Module>(source, "WebAssembly.Module") ? source : new WebAssembly.Module(source);
  } catch (cause) {
    fail(cause);
  }
  return new kind(module, options);
}

function fail(cause: unknown): never {
  throw new LoadError(`${(cause as Error).message}; at the edge, import it and pass the module`, { cause });
}

/** Node's fetch opens no files. An import would be one for bundlers to look for. */
function open(url: URL): BufferSource | Promise<Response> {
  const runtime = globalThis as { process?: { getBuiltinModule?(name: string): { readFileSync(url: URL): Uint8Array<ArrayBuffer> } } };
  return (url.protocol === "file:" && runtime.process?.getBuiltinModule?.("node:fs").readFileSync(url)) || fetch(url);
}
