// Rung in a worker: fetches the compiler, tells how far it has come, and then answers calls.

import "./wasm_exec.js";

declare const Go: new () => { importObject: WebAssembly.Imports; run(instance: WebAssembly.Instance): Promise<void> };
declare const RUNG_WASM: string; // its name, which has a hash of its content
declare const RUNG_WASM_BYTES: number;

const scope = self as unknown as {
  rung(method: string, argument: string): string;
  rungModule(): Uint8Array<ArrayBuffer>;
  rungReady(): void;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((e: MessageEvent) => void) | null;
};

// Files are compressed, and unpacked here: then any static host will do.
async function fetched(): Promise<Response> {
  const got = await fetch(new URL(RUNG_WASM, import.meta.url));
  if (!got.ok || !got.body) throw new Error(`the compiler could not be fetched: ${got.status}`);
  let bytes = 0;
  let told = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, out) {
      bytes += chunk.length;
      const part = Math.min(1, bytes / RUNG_WASM_BYTES);
      if (part - told >= 0.02) scope.postMessage({ part: (told = part) });
      out.enqueue(chunk);
    },
  });
  const body = got.body.pipeThrough(count).pipeThrough(new DecompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Response(body as unknown as BodyInit, { headers: { "content-type": "application/wasm" } });
}

const warm = `policy "warm" { language = 1 }
action "a" {
  level = "none"
  step_up "b" {
    when  = "subject.id == 'a' && now - session.auth_time > duration('1h')"
    level = "aal2"
  }
}
`;

async function start(): Promise<void> {
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetched(), go.importObject);
  const ready = new Promise<void>((resolve) => (scope.rungReady = resolve));
  void go.run(instance).then(() => scope.postMessage({ failed: "the compiler has ended" }));
  await ready;
  // What is made once is made now, and says how fast this machine is.
  const since = performance.now();
  scope.rung("open", JSON.stringify({ "warm.rung.hcl": warm }));
  scope.rung("build", "null");
  scope.postMessage({ ready: true, warm: performance.now() - since });
}

scope.onmessage = (e) => {
  const { id, method, argument } = e.data as { id: number; method: string; argument: string };
  if (method === "module") {
    const module = scope.rungModule();
    return scope.postMessage({ id, module }, [module.buffer]);
  }
  if (method === "stall") for (;;); // until it is ended
  scope.postMessage({ id, text: scope.rung(method, argument) });
};

start().catch((why: unknown) => scope.postMessage({ failed: why instanceof Error ? why.message : String(why) }));
