// A policy: an instance of its module, and the decisions that are asked of it.

import { version } from "./abi.ts";
import { begin, full, isPlain, memberOf, momentOf, pointer, quote, Refusal, type Room, visit, writeNow, writeParams, writePosture, writeSignals } from "./record.ts";
import { newReader, type Reader, readResult, type Shared } from "./result.ts";
import { type Action, type Meta, type Outputs, type Plan, planOfAll, type Schema, type Type, type Written, written } from "./schema.ts";
import type { Decision, Host, Identity, Moment, Refused, Request, RequestError, Value } from "./types.ts";
import type { Time } from "./values.ts";

/** How a policy decides. */
export interface Options {
  /** Where requests take the time from that do not say it; Date.now if it is left out. */
  readonly clock?: (() => Moment) | undefined;
  /** The posture of requests that do not say it; `normal` if it is left out. A function is asked at every decision. */
  readonly posture?: string | (() => string) | undefined;
  /** Values of params; the policy has defaults of its own. A function is asked at every decision. */
  readonly params?: Params | (() => Params) | undefined;
  /** Refuse unknown signals and attributes. By default they are ignored and counted, so that an application may run ahead of its policy. */
  readonly strict?: boolean | undefined;
  /** Let decideJSON take `now`, `posture` and `params` from its text: for tools and tests. By default they are refused there, as they are the host's to say. */
  readonly trusted?: boolean | undefined;
}

/** Values of params, by name. */
export type Params = { readonly [name: string]: Value };

/** A module that cannot be used, or options that do not fit it. */
export class LoadError extends Error {
  override readonly name: string = "LoadError";
}

/** What a module exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly rung_abi: WebAssembly.Global;
  readonly begin: (length: number) => number;
  readonly decide: (action: number, record: number) => number;
}

/** An action, and what its requests are made of when the first of them comes. */
interface Entry {
  readonly number: number;
  readonly action: Action;
  written?: Written;
  reader?: Reader;
}

/** How much room for requests an instance begins with, behind the fixed part. */
const tail = 8 << 10;

/** Where a request comes from: an object of the host's; a text that somebody has sent; one that is trusted. */
const fromHost = 0;
const fromText = 1;
const fromTrusted = 2;

/** Whether a request is being read: then nothing else can be. */
let busy = false;

/** A policy: `load` and `loadSync` make one. Decisions are synchronous, taken one at a time, and pure but for the clock. */
export class Policy {
  /** Which policy it is. */
  readonly identity: Identity;
  /** What the module says of requests; docs/abi.md has the members. It must not be changed. */
  readonly schema: Schema;
  /** What the module says of decisions. It must not be changed. */
  readonly outputs: Outputs;
  /** How it decides. */
  readonly options: Options;
  /** How many unknown signals and attributes were ignored so far. */
  ignored: number = 0;

  readonly #module: WebAssembly.Module;
  readonly #actions: Map<string, Entry>;
  readonly #postures: Map<string, number>;
  readonly #shared: Shared;
  #exports: Exports | undefined;
  #room!: Room;
  // Of the request that is being read.
  #now: Time;
  #posture = "";
  #rank = 0;

  /** Use `load` or `loadSync`. */
  constructor(module: WebAssembly.Module, options: Options = {}) {
    const meta = section<Meta>(module, "rung.meta");
    const schema = section<Schema>(module, "rung.schema");
    const outputs = section<Outputs>(module, "rung.outputs");
    if (meta?.abi !== version || !schema || !outputs) throw new LoadError(`this is no module of a policy for version ${version} of the interface`);
    const { name, version: of, digest } = meta;
    this.identity = Object.freeze(of ? { name, version: of, digest } : { name, digest });
    this.schema = schema;
    this.outputs = outputs;
    this.options = options;
    this.#module = module;
    this.#actions = new Map(schema.actions?.map((action, number) => [action.name, { action, number }]));
    this.#postures = new Map([["normal", 0], ...(schema.postures ?? []).map((p): [string, number] => [p.name, p.rank])]);
    const debug = section<{ places?: string[] }>(module, "rung.debug");
    this.#shared = { outputs, lazy: schema.lazy ?? [], places: debug && (debug.places ?? []), identity: this.identity };
    this.#start();
    const wrong = this.#write(0, () => this.#settings(planOfAll(schema.params)));
    if (wrong) throw new LoadError(`the option ${wrong.error.path}: ${wrong.error.message}`);
  }

  /**
   * Decides. It never throws: a request that cannot be decided about is denied, with the error in the decision. Of the request's objects, only what they have
   * themselves is looked at.
   */
  decide(request: Request): Decision {
    return this.#read(request, fromHost);
  }

  /** @internal Decides about what was read from a text. What is the host's to say stands beside it. */
  protected readText(request: unknown, host?: Host): Decision {
    return this.#read(request, this.options.trusted ? fromTrusted : fromText, host);
  }

  #read(request: unknown, from: number, host?: Host): Decision {
    if (busy) return refused("engine_error", "another request is being read");
    busy = true;
    try {
      return this.#decide(request, from, host);
    } catch (e) {
      // A getter, a proxy or a function of the options has thrown.
      return refused("invalid_request", `the request cannot be read: ${said(e)}`);
    } finally {
      busy = false;
    }
  }

  /** @internal A place in a request as a pointer. In a sensitive signal it ends before the first name that the policy does not know: keys of maps are data. */
  protected shown(path: readonly (string | number)[]): string {
    const signal = path[0] === "signals" ? this.schema.signals?.find((s) => s.name === path[1]) : undefined;
    let out = "";
    let type = signal?.sensitive ? signal.type : undefined;
    for (const [i, name] of path.entries()) {
      if (type && i > 1) {
        const t = type as { readonly list?: Type; readonly object?: readonly { readonly name: string; readonly type: Type }[] };
        type = t.list ?? t.object?.find((a) => a.name === name)?.type;
        if (!type) break;
      }
      out += pointer(name);
    }
    return out;
  }

  /** An instance of the module: the first, and another one after that has failed. */
  #start(): Exports {
    let cause: unknown;
    try {
      const exports = new WebAssembly.Instance(this.#module).exports as unknown as Exports;
      if (exports.rung_abi.value === version && this.#reserve(exports, tail)) return (this.#exports = exports);
    } catch (e) {
      cause = e;
    }
    throw new LoadError(`the module cannot be used: ${said(cause)}`, { cause });
  }

  /** Makes room for requests; false if there is not so much. */
  #reserve(exports: Exports, size: number): boolean {
    const base = exports.begin(size) >>> 0;
    this.#room = { base, end: base + size } as Room;
    this.#look(exports);
    if (!base) this.#exports = undefined; // it may have no room at all now
    return base > 0;
  }

  #look({ memory: { buffer } }: Exports): void {
    this.#room.view = new DataView(buffer);
    this.#room.bytes = new Uint8Array(buffer);
  }

  /** Writes a record, in more room if there is not enough. */
  #write(size: number, write: () => void): Refused | undefined {
    for (;;) {
      const exports = this.#exports ?? this.#start();
      try {
        begin(this.#room, size, this.schema.words);
        write();
        return undefined;
      } catch (e) {
        if (e instanceof Refusal) return refused("invalid_request", e.message, e.path);
        if (e !== full) throw e;
        const { base, end } = this.#room;
        if (!this.#reserve(exports, 2 * (end - base))) return refused("engine_error", "the request is too large for the memory of the module");
      }
    }
  }

  #decide(request: unknown, from: number, host?: Host): Decision {
    const name = memberOf(request, "action");
    if (typeof name !== "string") return refused("invalid_request", "a request is a plain object with an action, which is a string", isPlain(request) ? "/action" : "");
    const entry = this.#actions.get(name);
    if (!entry) return refused("unknown_action", `no action ${quote(name)} is declared`, "/action");
    const w = (entry.written ??= written(this.schema, entry.action));
    return (
      this.#write(entry.action.size, () => {
        this.#settings(w.params);
        let ignored = 0;
        visit(request as object, (name, v) => {
          if (name === "signals" && v !== undefined) ignored = writeSignals(w.signals, v, !this.options.strict);
          else if (name !== "action" && v !== undefined) this.#say(w.params, name, v, from);
        });
        for (const name of hosts) {
          const v = host?.[name];
          if (v !== undefined) this.#say(w.params, name, v, fromHost);
        }
        writeNow(this.#now ?? momentOf(ask(this.options.clock) ?? Date.now()) ?? refuseNow());
        this.ignored += ignored;
      }) ?? this.#ask(entry)
    );
  }

  /** Writes what the options say. */
  #settings(params: Plan): void {
    this.#now = undefined;
    this.#say(params, "posture", ask(this.options.posture) ?? "normal", fromHost);
    const v = ask(this.options.params);
    if (v !== undefined) writeParams(params, v);
  }

  /** Writes what is the host's to say. */
  #say(params: Plan, name: string, v: unknown, from: number): void {
    if (!hosts.includes(name as "now")) throw new Refusal(`a request has no member ${quote(name)}`, pointer(name));
    if (from === fromText) throw new Refusal(`\`${name}\` is the host's to say: a caller cannot send it`, pointer(name));
    if (name === "params") writeParams(params, v);
    else if (name === "posture") {
      const rank = this.#postures.get(v as string);
      if (rank === undefined) throw new Refusal(`no posture ${quote(String(v))} is declared`, "/posture");
      this.#posture = v as string;
      writePosture((this.#rank = rank));
    } else this.#now = (from === fromHost || typeof v === "string" ? momentOf(v) : undefined) ?? refuseNow();
  }

  /** Asks the module. One that fails is not used again. */
  #ask(entry: Entry): Decision {
    const exports = this.#exports!;
    let why = "the answer is not a decision";
    try {
      const at = exports.decide(entry.number, this.#room.base) >>> 0;
      // Memory that has grown takes the view away.
      if (!this.#room.bytes.length) this.#look(exports);
      const decision = readResult((entry.reader ??= newReader(this.#shared, entry.action.name, entry.number)), this.#room.view, at, this.#posture, this.#rank);
      if (decision) return decision;
    } catch (e) {
      why = said(e);
    }
    this.#exports = undefined;
    return refused("engine_error", `the module has failed: ${why}`);
  }
}

/** The members of a request that are the host's to say. */
const hosts = ["now", "posture", "params"] as const;

function refuseNow(): never {
  throw new Refusal("now is a Date, milliseconds or a timestamp, of the years 1 to 9999", "/now");
}

/** The JSON of a section; undefined if there is none. It is frozen, as decisions share it. */
function section<T>(module: WebAssembly.Module, name: string): T | undefined {
  const [data] = WebAssembly.Module.customSections(module, name);
  return data && (JSON.parse(new TextDecoder().decode(data), (_, v: unknown) => Object.freeze(v)) as T);
}

/** A setting, or what it is just now. */
const ask = <T>(setting: T | (() => T)): T => (typeof setting === "function" ? (setting as () => T)() : setting);

/** The answer to a request that cannot be decided about. */
export const refused = (code: RequestError["code"], message: string, path?: string): Refused => ({ effect: "deny", error: path ? { code, message, path } : { code, message } });

/** What something that was thrown says, if it can be asked. */
function said(e: unknown): string {
  try {
    return quote(String((e as Error).message));
  } catch {
    return "it does not say why";
  }
}
