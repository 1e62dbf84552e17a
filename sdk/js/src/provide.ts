// Lazy signals: who fetches them, and how long that may take.

import { membersOf } from "./record.ts";
import type { Decision, Moment, Request, Value } from "./types.ts";

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

interface Given extends ProvideOptions {
  readonly now: () => Moment;
}

/** Decides, asks, and decides again until nothing more is needed. */
export async function provide(decide: (r: Request) => Decision, providers: Providers, request: Request, o: Given): Promise<Decision> {
  let first: Decision;
  let own: Record<string, unknown>;
  let signals: Record<string, unknown>;
  try {
    // A copy, as the caller may go on with its objects while providers are asked.
    own = Object.fromEntries(membersOf(request) ?? []);
    signals = Object.fromEntries(membersOf(own["signals"]) ?? []);
    own["now"] ??= o.now();
    first = decide(membersOf(request) ? (own as unknown as Request) : request);
  } catch {
    return decide(request); // which says what is wrong with it
  }
  const asked = new Set<string>();
  for (let d = first; ; ) {
    const late = d.error?.path?.split("/")[2];
    if (late !== undefined && asked.has(late) && signals[late] !== null) {
      report(o, late, new TypeError(d.error!.message));
      signals[late] = null;
    } else if (d.effect === "need" && d.need.every((name) => !asked.has(name))) {
      const about = { ...own, signals: { ...signals } } as unknown as Request;
      await Promise.all(
        d.need.map(async (name) => {
          asked.add(name);
          const v = await fetchOne(providers, name, about, o);
          signals[name] = v ?? null;
        }),
      );
    } else return d;
    d = decide({ ...own, signals } as unknown as Request);
  }
}

/** What a provider says, within its time; null if it fails. */
async function fetchOne(providers: Providers, signal: string, request: Request, o: Given): Promise<unknown> {
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
