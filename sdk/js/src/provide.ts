// Lazy signals: who fetches them, and how long that may take.

import type { Policy } from "./policy.ts";
import { isObject } from "./record.ts";
import type { Decision, Request, Value } from "./types.ts";

/** What a provider may go by. */
export interface Lookup {
  /** What is looked for. */
  readonly signal: string;
  /** The request, as far as it is known; `now` is the moment that is decided for. */
  readonly request: Request;
  /** Aborts when nobody waits any longer. */
  readonly abort: AbortSignal;
}

/** Fetches a lazy signal. null and undefined say that there is none. */
export type Provider<V = Value> = (about: Lookup) => V | null | undefined | Promise<V | null | undefined>;

/** Who fetches which signal. */
export type Providers = { readonly [signal: string]: Provider | undefined };

/** How providers are asked. */
export interface ProvideOptions {
  /** How many milliseconds a provider may take; 1000 if it is left out. */
  readonly timeout?: number | undefined;
  /** Of whoever waits for the decision: those that have not answered by then are late. */
  readonly abort?: AbortSignal | undefined;
  /** Is told why a signal is missing. */
  readonly report?: ((signal: string, error: unknown) => void) | undefined;
}

/**
 * Decides, and asks the providers for the lazy signals that the outcome turns on: those that are needed together at once, each once. One that fails, is late, or
 * answers with what is no value of its signal, leaves the signal missing: rules that read it apply. The answer is never `need`.
 */
export async function decideWith(policy: Policy, providers: Providers, request: Request, options: ProvideOptions = {}): Promise<Decision> {
  let own: Record<string, unknown>;
  let signals: Record<string, unknown>;
  try {
    // A copy, as the caller may go on with its objects while providers are asked.
    own = copyOf(request);
    signals = copyOf(own["signals"] ?? {});
    const { clock } = policy.options;
    own["now"] ??= clock ? clock() : Date.now();
  } catch {
    return policy.decide(request); // which says what is wrong with it
  }
  const decide = (): Decision => policy.decide({ ...own, signals } as unknown as Request);
  let d = decide();
  const asked = new Set<string>();
  for (; ; d = decide()) {
    const bad = d.error?.path?.split("/")[2];
    if (bad !== undefined && asked.has(bad) && signals[bad] !== null) {
      report(options, bad, new TypeError(d.error!.message));
      signals[bad] = null;
    } else if (d.effect === "need" && d.need.every((name) => !asked.has(name))) {
      const about = { ...own, signals: { ...signals } } as unknown as Request;
      const found = await Promise.all(d.need.map((name) => fetchOne(providers, name, about, options)));
      for (const [i, name] of d.need.entries()) {
        asked.add(name);
        signals[name] = found[i] ?? null;
      }
    } else return d;
  }
}

/** A plain object with the members of one, or of a Map. */
function copyOf(v: unknown): Record<string, unknown> {
  if (!isObject(v)) throw new TypeError("no object");
  return Object.fromEntries(v instanceof Map ? v : Object.entries(v));
}

/** What a provider says, within its time; null if it fails. */
async function fetchOne(providers: Providers, signal: string, request: Request, o: ProvideOptions): Promise<unknown> {
  const given = o.abort;
  const c = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => c.abort(given?.reason);
  try {
    const provider = Object.hasOwn(providers, signal) ? providers[signal] : undefined;
    if (!provider) throw new Error("there is no provider");
    given?.throwIfAborted();
    const late = new Promise<never>((_, reject) => {
      c.signal.addEventListener("abort", () => reject(c.signal.reason));
      timer = setTimeout(() => c.abort(new DOMException("the provider is late", "TimeoutError")), o.timeout ?? 1000);
      given?.addEventListener("abort", stop);
    });
    late.catch(() => undefined);
    return await Promise.race([late, provider({ signal, request, abort: c.signal })]);
  } catch (e) {
    report(o, signal, e);
    return null;
  } finally {
    clearTimeout(timer);
    given?.removeEventListener("abort", stop);
  }
}

function report(o: ProvideOptions, signal: string, error: unknown): void {
  try {
    o.report?.(signal, error);
  } catch {
    // it is not about the decision
  }
}
