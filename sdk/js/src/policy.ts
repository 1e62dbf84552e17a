// A policy: an instance of its module, and the decisions that are asked of it.

import { version } from "./abi.ts";
import { type ProvideOptions, type Providers, provide } from "./provide.ts";
import { full, isPlain, moment, ofMilliseconds, quote, Recorder } from "./record.ts";
import { Reader, type Shared } from "./result.ts";
import { type Action, type Meta, type Outputs, type Plan, type Schema, Shapes, type Type, type Written, written } from "./schema.ts";
import type { Decision, Host, Identity, Moment, Refused, Request, RequestError, Value } from "./types.ts";

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

/** How a request is read: from an object of the host's, or from the text of a caller, or from one that is trusted. */
const fromHost = 0;
const fromText = 1;
const fromTrusted = 2;
type From = typeof fromHost | typeof fromText | typeof fromTrusted;

/** How much room for requests an instance begins with, behind the fixed part. */
const tail = 8 << 10;

/** The members of a request. */
type Members = Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>;

/**
 * A policy: `load` and `loadSync` make one. Decisions are synchronous, taken one at a time, and pure but for the clock that the options may give.
 */
export class Policy {
  /** Which policy it is. */
  readonly identity: Identity;
  /** What the module says of requests and decisions; docs/abi.md has the members. It must not be changed. */
  readonly schema: Schema;
  readonly outputs: Outputs;

  readonly #module: WebAssembly.Module;
  readonly #options: Options;
  readonly #recorder: Recorder = new Recorder();
  readonly #shapes: Shapes = new Shapes();
  readonly #actions: Map<string, Entry>;
  readonly #postures: Map<string, number>;
  readonly #shared: Shared;
  #exports: Exports | undefined;
  #room = 0;
  #busy = false;
  // Of the request that is being read.
  #now: Moment | undefined;
  #posture = "";

  /** Use `load` or `loadSync`. */
  constructor(module: WebAssembly.Module, options: Options = {}) {
    const meta = section<Meta>(module, "rung.meta");
    const schema = section<Schema>(module, "rung.schema");
    const outputs = section<Outputs>(module, "rung.outputs");
    if (meta?.abi !== version || !schema || !outputs) throw new LoadError(`this is no module of a policy for version ${version} of the interface`);
    const { name, version: of, digest } = meta;
    this.identity = Object.freeze({ name, ...(of && { version: of }), digest });
    this.schema = schema;
    this.outputs = outputs;
    this.#module = module;
    this.#options = options;
    this.#recorder.lenient = !options.strict;
    this.#actions = new Map(schema.actions?.map((action, number) => [action.name, { action, number }]));
    this.#postures = new Map([["normal", 0], ...(schema.postures ?? []).map((p): [string, number] => [p.name, p.rank])]);
    const debug = section<{ places?: string[] }>(module, "rung.debug");
    this.#shared = { outputs, lazy: schema.lazy ?? [], places: debug && (debug.places ?? []), identity: this.identity };
    this.#start();
    this.#check();
  }

  /** How many unknown signals and attributes were ignored so far. */
  get ignored(): number {
    return this.#recorder.ignored;
  }

  /**
   * Decides. It never throws: a request that cannot be decided about is denied, with the error in the decision. Of the request's objects, only what they own
   * themselves is looked at, once.
   */
  decide(request: Request): Decision {
    return this.read(request as unknown as Members, fromHost, undefined);
  }

  /**
   * Decides, and asks the providers for the lazy signals that the outcome turns on: those that are needed together at once, each once. One that fails, is
   * late, or answers with what is no value of its signal, leaves the signal missing: rules that read it apply. The answer is never `need`.
   */
  decideWith(providers: Providers, request: Request, options?: ProvideOptions): Promise<Decision> {
    return provide((r) => this.decide(r), providers, request, { ...options, now: () => ask(this.#options.clock) ?? Date.now() });
  }

  /** @internal Decides about a request from anywhere. */
  protected read(request: Members, from: From, host: Host | undefined): Decision {
    if (this.#busy) return refused("engine_error", "the request asks for a decision while it is read");
    this.#busy = true;
    try {
      return this.#decide(request, from, host);
    } catch (e) {
      // A getter, a proxy, or one of the options' functions has thrown: nothing else does.
      return refused("invalid_request", `the request cannot be read: ${quote(said(e))}`);
    } finally {
      this.#busy = false;
    }
  }

  /** @internal Decides about a request that was read from a text. */
  protected readText(request: unknown, host: Host | undefined): Decision {
    return this.read(request as Members, this.#options.trusted ? fromTrusted : fromText, host);
  }

  /** @internal A place in a request as a pointer. In a sensitive signal it ends before the first name that the policy does not know: keys of maps are data. */
  protected shown(path: readonly (string | number)[]): string {
    const signal = path[0] === "signals" ? this.schema.signals?.find((s) => s.name === path[1]) : undefined;
    let out = "";
    let type = signal?.sensitive ? signal.type : undefined;
    for (const [i, name] of path.entries()) {
      if (type && i > 1) {
        const at: Type | undefined = typeof type === "string" ? undefined : "object" in type ? type.object.find((a) => a.name === name)?.type : "list" in type ? type.list : undefined;
        if (!at) break;
        type = at;
      }
      out += pointer(String(name));
    }
    return out;
  }

  /** An instance of the module: the first, or another one after that has failed. */
  #start(): Exports {
    try {
      const exports = new WebAssembly.Instance(this.#module).exports as unknown as Exports;
      if (exports.rung_abi.value === version && this.#reserve(exports, tail)) return (this.#exports = exports);
    } catch (cause) {
      throw new LoadError("the module cannot be used", { cause });
    }
    throw new LoadError("the module cannot be used");
  }

  /** Makes room for requests; false if there is not so much. */
  #reserve(exports: Exports, room: number): boolean {
    const base = exports.begin(room) >>> 0;
    if (!base) this.#exports = undefined; // it may have no room at all now
    else {
      this.#room = room;
      this.#recorder.base = base;
      this.#recorder.end = base + room;
      this.#look(exports);
    }
    return base > 0;
  }

  /** Takes a view of the memory, which may have grown. */
  #look({ memory: { buffer } }: Exports): void {
    this.#recorder.view = new DataView(buffer);
    this.#recorder.bytes = new Uint8Array(buffer);
  }

  /** Holds the options against the policy. */
  #check(): void {
    this.#recorder.begin(0, 1);
    const plan = this.#shapes.plan(this.schema.params ?? [], "");
    const wrong = this.#settings(plan) ?? this.#say(plan, "posture", this.#posture);
    if (wrong) throw new LoadError(`the option ${wrong.error.path}: ${wrong.error.message}`);
  }

  #decide(request: Members, from: From, host: Host | undefined): Decision {
    if (!isPlain(request)) return refused("invalid_request", "expected a request, which is a plain object");
    const name = request instanceof Map ? request.get("action") : Object.hasOwn(request, "action") && (request as { action: unknown }).action;
    if (typeof name !== "string") return refused("invalid_request", "a request has an action, which is a string", "/action");
    const entry = this.#actions.get(name);
    if (!entry) return refused("unknown_action", `no action ${quote(name)} is declared`, "/action");
    const w = (entry.written ??= written(this.schema, entry.action, this.#shapes));
    const exports = this.#exports ?? this.#start();
    for (;;) {
      try {
        this.#recorder.begin(entry.action.size, this.schema.words);
        const wrong = this.#settings(w.params) ?? this.#members(w, request, from) ?? this.#host(w.params, host);
        if (wrong) return wrong;
        break;
      } catch (e) {
        if (e !== full) throw e;
        if (!this.#reserve(exports, 2 * this.#room)) return refused("engine_error", "the request is too large for the memory of the module");
      }
    }
    return this.#ask(exports, entry);
  }

  /** Writes what the options say. */
  #settings(params: Plan): Refused | undefined {
    this.#now = undefined;
    this.#posture = ask(this.#options.posture) ?? "normal";
    const v = ask(this.#options.params);
    return v && this.#say(params, "params", v);
  }

  /** Writes what the request says. */
  #members(w: Written, request: Members, from: From): Refused | undefined {
    let wrong: Refused | undefined;
    if (request instanceof Map) {
      for (const [name, v] of request) if ((wrong = this.#member(w, name, v, from))) return wrong;
    } else {
      for (const name in request) {
        if (name === "action" || !Object.hasOwn(request, name)) continue;
        if ((wrong = this.#member(w, name, (request as Record<string, unknown>)[name], from))) return wrong;
      }
    }
    return undefined;
  }

  #member(w: Written, name: string, v: unknown, from: From): Refused | undefined {
    if (v === undefined || name === "action") return undefined;
    if (name === "signals") return this.#recorder.signals(w.signals, v) ? undefined : this.#refused();
    if (name !== "now" && name !== "posture" && name !== "params") return refused("invalid_request", `a request has no member ${quote(name)}`, pointer(name));
    if (from === fromText) return refused("invalid_request", `\`${name}\` is the host's to say: a caller cannot send it`, pointer(name));
    if (from === fromTrusted && name === "now" && typeof v !== "string") return refused("invalid_request", "expected a timestamp as a string", "/now");
    return this.#say(w.params, name, v);
  }

  /** Writes what the host says besides, or instead. */
  #host(params: Plan, host: Host | undefined): Refused | undefined {
    let wrong: Refused | undefined;
    if (host?.params !== undefined) wrong = this.#say(params, "params", host.params);
    if (!wrong && host?.posture !== undefined) wrong = this.#say(params, "posture", host.posture);
    wrong ??= this.#say(params, "now", host?.now ?? this.#now ?? ask(this.#options.clock) ?? Date.now());
    return wrong;
  }

  /** Writes what is the host's to say. */
  #say(params: Plan, name: "now" | "posture" | "params", v: unknown): Refused | undefined {
    const r = this.#recorder;
    if (name === "params") return r.params(params, v) ? undefined : this.#refused();
    if (name === "posture") {
      const rank = typeof v === "string" ? this.#postures.get(v) : undefined;
      if (rank === undefined) return refused("invalid_request", typeof v === "string" ? `no posture ${quote(v)} is declared` : "a posture is a string", "/posture");
      this.#posture = v as string;
      r.posture(rank);
    } else {
      const t = typeof v === "number" ? ofMilliseconds(v) : moment(v);
      if (t === undefined || typeof t === "string") return refused("invalid_request", `now is ${t ?? "a Date, milliseconds or a timestamp"}`, "/now");
      this.#now = v as Moment;
      r.now(t[0], t[1]);
    }
    return undefined;
  }

  #refused(): Refused {
    return refused("invalid_request", this.#recorder.message, this.#recorder.path);
  }

  /** Asks the module. One that fails is not used again. */
  #ask(exports: Exports, entry: Entry): Decision {
    let at: number;
    try {
      at = exports.decide(entry.number, this.#recorder.base) >>> 0;
    } catch (e) {
      this.#exports = undefined;
      return refused("engine_error", `the module failed: ${said(e)}`);
    }
    // Memory that has grown takes the old view away.
    if (this.#recorder.bytes.length === 0) this.#look(exports);
    entry.reader ??= new Reader(this.#shared, entry.action.name, entry.number);
    const decision = entry.reader.read(this.#recorder.view, at, this.#posture);
    if (decision) return decision;
    this.#exports = undefined;
    return refused("engine_error", "the module's answer is not a decision");
  }
}

/** The JSON of a section; undefined if there is none. What it holds is frozen, as decisions share it. */
function section<T>(module: WebAssembly.Module, name: string): T | undefined {
  const [data] = WebAssembly.Module.customSections(module, name);
  return data && (JSON.parse(new TextDecoder().decode(data), (_, v: unknown) => Object.freeze(v)) as T);
}

/** A setting, or what it is just now. */
function ask<T>(setting: T | (() => T) | undefined): T | undefined {
  return typeof setting === "function" ? (setting as () => T)() : setting;
}

/** The answer to a request that cannot be decided about. */
export function refused(code: RequestError["code"], message: string, path?: string): Refused {
  return { effect: "deny", error: path ? { code, message, path } : { code, message } };
}

const pointer = (name: string): string => `/${name.replace(/[~/]/g, (c) => (c === "~" ? "~0" : "~1"))}`;

/** What was thrown says, if that can be asked. */
function said(e: unknown): string {
  try {
    return String(e instanceof Error ? e.message : e);
  } catch {
    return "?";
  }
}
