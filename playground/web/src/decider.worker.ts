// Decides by the policy's module, as an application would: with the package that applications use, and nothing of the compiler.

import { loadSync, type Policy } from "../../../sdk/js/src/index.ts";

let policy: Policy | undefined;

// What the rules of each action can look at, as the module says: the rest of a request is not even written down for it.
function slots(module: Uint8Array<ArrayBuffer>): Record<string, string[]> {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(module), "rung.schema");
  const schema = JSON.parse(new TextDecoder().decode(section)) as { actions?: { name: string; slots?: { path: string[] }[] }[] };
  return Object.fromEntries((schema.actions ?? []).map((a) => [a.name, (a.slots ?? []).map((s) => s.path.filter((p, i) => i > 0 || p !== "signals").join("."))]));
}

self.onmessage = (e: MessageEvent) => {
  const { id, module, requests } = e.data as { id: number; module?: Uint8Array<ArrayBuffer>; requests: string[] };
  try {
    if (module) {
      policy = undefined;
      policy = loadSync(module, { trusted: true, strict: true, clock: () => "2026-01-01T00:00:00Z" });
    }
    const reads = module ? slots(module) : undefined;
    const decisions = policy ? requests.map((r) => policy!.decideJSON(r)) : [];
    self.postMessage({ id, decisions, reads });
  } catch (why) {
    self.postMessage({ id, failed: why instanceof Error ? why.message : String(why) });
  }
};
