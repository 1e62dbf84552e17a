// The page's end of the worker that holds Rung itself: calls by name, one after another, each with a limit of time.

import type { Diagnostic } from "./types.ts";

/** What a call that takes too long, or fails, throws. */
export class CallError extends Error {
  constructor(
    message: string,
    readonly diagnostics: Diagnostic[] = [],
    /** Whether the call was late itself, or lost: another one was late, which the worker was ended for. */
    readonly why: "failed" | "late" | "lost" = "failed",
  ) {
    super(message);
  }
}

/** How far the compiler has come on its way to the page. */
export type Progress = { state: "loading"; part: number } | { state: "ready" } | { state: "failed"; why: string };

declare const rungLimit: number | undefined; // of whoever looks into the page, as its tests: on a machine that is busy no policy is too slow

/** How long a call may take, in milliseconds, once the compiler is there. A machine that is slow to begin with has more, up to five times as much. */
export let limit = typeof rungLimit === "number" ? rungLimit : 2000;
const least = limit;
const most = 5 * limit;

/** Sets the limit by how long the compiler took to warm up, which is a quarter of a second or less where nothing else is going on. */
function pace(warm: number): void {
  limit = Math.min(most, Math.max(least, 8 * warm));
}

/**
 * Calls late once so many milliseconds have passed, unless what is returned is called before. Only time that the page itself runs counts: a machine that
 * slept, or stood still for a moment, is not the policy's fault.
 */
export function patience(within: number, late: () => void): () => void {
  const steps = 8;
  let left = steps;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const step = () => {
    if (left-- === 0) late();
    else timer = setTimeout(step, within / steps);
  };
  step();
  return () => clearTimeout(timer);
}

interface Waiting {
  resolve(value: unknown): void;
  reject(why: Error): void;
  enough(): void;
}

/** The worker, which is ended and started anew where a call takes too long. */
export class Compiler {
  #worker!: Worker;
  #ready = false;
  #next = 1;
  #waiting = new Map<number, Waiting>();

  constructor(
    private readonly start: () => Worker,
    private readonly tell: (progress: Progress) => void,
  ) {
    this.#begin();
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Calls a method of the session. Nothing is sent before the compiler has arrived. */
  call<T>(method: string, argument?: unknown, within = limit): Promise<T> {
    if (!this.#ready) return Promise.reject(new CallError("the compiler is not there yet"));
    const id = this.#next++;
    const result = new Promise<T>((resolve, reject) => {
      const enough = patience(within, () => this.#late(id, method, within));
      this.#waiting.set(id, { resolve: resolve as (v: unknown) => void, reject, enough });
    });
    this.#worker.postMessage({ id, method, argument: JSON.stringify(argument ?? null) });
    return result;
  }

  #begin(): void {
    this.#ready = false;
    this.tell({ state: "loading", part: 0 });
    const worker = this.start();
    this.#worker = worker;
    worker.onmessage = (e: MessageEvent) => worker === this.#worker && this.#heard(e.data);
    worker.onerror = (e) => {
      e.preventDefault();
      if (worker === this.#worker) this.#end(new CallError(e.message || "the compiler did not start"));
    };
  }

  #heard(m: { id?: number; text?: string; module?: Uint8Array; ready?: true; warm?: number; part?: number; failed?: string }): void {
    if (m.ready) {
      pace(m.warm ?? 0);
      this.#ready = true;
      return this.tell({ state: "ready" });
    }
    if (m.part !== undefined) return this.tell({ state: "loading", part: m.part });
    if (m.failed !== undefined) return this.#end(new CallError(m.failed));
    const waiting = this.#waiting.get(m.id ?? 0);
    if (!waiting) return;
    this.#waiting.delete(m.id ?? 0);
    waiting.enough();
    if (m.module) return waiting.resolve(m.module);
    const answer = JSON.parse(m.text ?? "{}") as { result?: unknown; error?: { message: string; diagnostics?: Diagnostic[] } };
    if (answer.error) waiting.reject(new CallError(answer.error.message, answer.error.diagnostics));
    else waiting.resolve(answer.result);
  }

  // The worker is ended, with all that it was asked, and another one takes its place.
  #late(id: number, method: string, within: number): void {
    this.#worker.terminate();
    this.#waiting.get(id)?.reject(new CallError(`it took longer than ${Math.round(within / 1000)} seconds, and was stopped (${method})`, [], "late"));
    this.#drop(new CallError("the compiler was started anew", [], "lost"));
    this.#begin();
  }

  #end(why: CallError): void {
    this.#worker.terminate();
    this.#ready = false;
    this.#drop(why);
    this.tell({ state: "failed", why: why.message });
  }

  #drop(why: CallError): void {
    for (const w of this.#waiting.values()) {
      w.enough();
      w.reject(why);
    }
    this.#waiting.clear();
  }
}
