// The page's end of the worker that runs the policy's module.

import { limit, patience } from "./compiler.ts";
import type { Decision } from "./types.ts";

export class Decider {
  #worker: Worker | undefined;
  #next = 1;

  constructor(private readonly start: () => Worker) {}

  /** Decides requests by a module, which is handed over where it has changed. */
  decide(module: Uint8Array | undefined, requests: string[]): Promise<{ decisions: Decision[]; reads?: Record<string, string[]> }> {
    const worker = (this.#worker ??= this.start());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const enough = patience(limit, () => {
        this.#end();
        reject(new Error(`the module took longer than ${Math.round(limit / 1000)} seconds, and was stopped`));
      });
      const heard = (e: MessageEvent) => {
        if (e.data.id !== id) return;
        worker.removeEventListener("message", heard);
        enough();
        if (e.data.failed !== undefined) reject(new Error(e.data.failed));
        else resolve(e.data);
      };
      worker.addEventListener("message", heard);
      worker.postMessage({ id, module, requests });
    });
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
