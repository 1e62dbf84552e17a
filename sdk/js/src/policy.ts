// A policy: an instance of its module, and the decisions that are asked of it.

import { version } from "./abi.ts";
import { actionOf, begin, full, ignored, place, posture, quote, Refusal, type Room, timed, writeRequest } from "./record.ts";
import { frozen, must, newReader, type Reader, readResult } from "./result.ts";
import { type Action, before, type Meta, type Outputs, type Plan, planOfRequests, type Schema } from "./schema.ts";
import type { Decision, Identity, Moment, Refused, Request, RequestError, Value } from "./types.ts";

/** How a policy decides. */
export interface Options {
  /** Where requests take the time from that do not say it; Date.now if it is left out. */
  readonly clock?: (() => Moment) | undefined;
  /** The posture of requests that do not say it; `normal` if it is left out. A function is asked at every decision. */
  readonly posture?: string | (() => string) | undefined;
  /** Values of params; the policy has defaults of its own. A function is asked at every decision. */
  readonly params?: Params | (() => Params) | undefined;
  /** Refuse unknown signals and attributes, and accessors. By default the first are ignored and counted, so that an application may run ahead of its policy, and the last are read once. */
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
export interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly rung_abi: WebAssembly.Global;
  readonly begin: (length: number) => number;
  readonly decide: (action: number, record: number) => number;
}

/** An instance of the module, with the room for requests in it. */
export interface Instance extends Room {
  readonly exports: Exports;
}

/** An action, with what its requests are written by, and its decisions read. */
export interface Entry {
  readonly number: number;
  readonly action: Action;
  readonly plan: Plan;
  readonly reader: Reader;
}

/** Writes a request by the plan for those of the host. */
export type Write = (plan: Plan) => void;

/** Reads the result at an address. It throws if it is none. */
export type Read = (memory: DataView, at: number) => Decision;

/** How much room for requests an instance begins with, behind the fixed part. */
const tail = 8 << 10;

/** Whether a request is being read: then nothing else can be. */
let busy = false;

/** A policy: `load` and `loadSync` make one. Decisions are synchronous, taken one at a time, and pure but for the clock. */
export class Policy {
  /** Which policy it is. */
  declare readonly identity: Identity;
  /** What the module says of requests; docs/abi.md has the members. It must not be changed. */
  declare readonly schema: Schema;
  /** What the module says of decisions. It must not be changed. */
  declare readonly outputs: Outputs;
  /** How it decides. */
  declare readonly options: Options;
  /** How many unknown signals and attributes were ignored so far. */
  ignored: number = 0;

  readonly #module: WebAssembly.Module;
  /** With what is made of an action when the first request about it comes. */
  readonly #actions: Map<string, { readonly number: number; readonly action: Action; plan?: Plan; reader?: Reader }>;
  readonly #places: readonly string[] | undefined;
  /** @internal The ranks of the postures. */
  declare protected readonly ranks: ReadonlyMap<string, number>;
  /** @internal It is another object when its room has grown. */
  declare protected instance: Instance | undefined;

  /** Use `load` or `loadSync`. */
  constructor(module: WebAssembly.Module, options: Options = {}) {
    const meta = section<Meta>(module, "meta");
    const schema = section<Schema>(module, "schema");
    const outputs = section<Outputs>(module, "outputs");
    if (meta?.abi !== version || !schema || !outputs) throw new LoadError(`no module of a policy with ABI ${version}`);
    this.identity = frozen(JSON.stringify(meta, ["name", "version", "digest"]));
    this.schema = schema;
    this.outputs = outputs;
    this.options = options;
    this.#module = module;
    this.#actions = new Map(schema.actions?.map((action, number) => [action.name, { action, number }]));
    this.ranks = new Map([["normal", 0], ...(schema.postures ?? []).map((p): [string, number] => [p.name, p.rank])]);
    this.#places = section<{ places?: string[] }>(module, "debug")?.places;
    this.#start();
    try {
      this.#write(planOfRequests(schema, {}), 0);
    } catch (cause) {
      throw new LoadError(`option ${place()}: ${said(cause)}`, { cause });
    }
  }

  /**
   * Decides. It never throws: a request that cannot be decided about is denied, with the error in the decision. Of the request's objects, only what they have
   * themselves is looked at, and each value is read once.
   */
  decide(request: Request): Decision {
    return this.decideBy(request, (plan) => writeRequest(plan, request));
  }

  /** @internal Decides about a request that is written in a way of its own. */
  protected decideBy(request: unknown, write: Write): Decision {
    if (busy) return refused("engine_error", "it is busy");
    busy = true;
    try {
      return this.answer(request, write);
    } catch (e) {
      // Else a getter, a proxy or a function of the options has thrown, or there is no other instance.
      return refused("invalid_request", said(e), place());
    } finally {
      busy = false;
    }
  }

  /** An instance of the module: the first, and another one after that has failed. */
  #start(): Instance {
    try {
      const exports = new WebAssembly.Instance(this.#module).exports as unknown as Exports;
      return must(this.reserve(exports, tail));
    } catch (cause) {
      throw new LoadError(`unusable: ${said(cause)}`, { cause });
    }
  }

  /** @internal Makes room for requests. Where there is not so much, there may be none at all then. */
  protected reserve(exports: Exports, size: number): Instance | undefined {
    const start = exports.begin(size) >>> 0;
    return (this.instance = start ? look({ exports, start, base: start + before, end: start + size } as Instance) : undefined);
  }

  /** Writes a record, in more room if there is not enough: of what the options say, and of a request. */
  #write(plan: Plan, size: number, write?: Write): Refused | undefined {
    for (;;) {
      const room = this.instance ?? this.#start();
      const { clock, posture, params, strict } = this.options;
      try {
        begin(room, size, this.ranks, strict);
        writeRequest(plan, { posture: ask(posture), params: ask(params) });
        if (!write) return undefined;
        write(plan);
        if (!timed) writeRequest(plan, { now: ask(clock) ?? Date.now() });
        this.ignored += ignored;
        return undefined;
      } catch (e) {
        if (e !== full) throw e;
        if (!this.reserve(room.exports, 2 * (room.end - room.start))) return refused("engine_error", "it is too large");
      }
    }
  }

  /** @internal Decides, while nothing else is read. */
  protected answer(request: unknown, write: Write): Decision {
    const name = actionOf(request);
    const entry = this.find(name);
    if (!entry) return refused("unknown_action", `${quote(name)} is not declared`, place());
    return this.#write(entry.plan, entry.action.size, write) ?? this.ask(entry, this.instance!.base, (view, at) => readResult(entry.reader, view, at, posture));
  }

  /** @internal An action by its name. */
  protected find(name: string): Entry | undefined {
    const entry = this.#actions.get(name);
    if (entry && !entry.plan) {
      entry.plan = planOfRequests(this.schema, entry.action);
      entry.reader = newReader(this, this.#places, entry.action.name, entry.number);
    }
    return entry as Entry | undefined;
  }

  /** @internal Asks the module. One that fails is not used again. */
  protected ask({ number }: Entry, record: number, read: Read): Decision {
    const room = this.instance!;
    try {
      const at = room.exports.decide(number, record) >>> 0;
      // Memory that has grown takes the view away.
      if (!room.bytes.length) look(room);
      return read(room.view, at);
    } catch (e) {
      this.instance = undefined;
      return refused("engine_error", `unusable: ${said(e)}`);
    }
  }
}

/** Looks at an instance's memory. */
function look(room: Instance): Instance {
  const { buffer } = room.exports.memory;
  room.view = new DataView(buffer);
  room.bytes = new Uint8Array(buffer);
  return room;
}

/** The JSON of a section; undefined if there is none. It is frozen, as decisions share it. */
function section<T>(module: WebAssembly.Module, name: string): T | undefined {
  const [data] = WebAssembly.Module.customSections(module, `rung.${name}`);
  return data && frozen<T>(new TextDecoder().decode(data));
}

/** A setting, or what it is just now. */
export const ask = <T>(setting: T | (() => T)): T => (typeof setting === "function" ? (setting as () => T)() : setting);

/** The answer to a request that cannot be decided about. */
export const refused = (code: RequestError["code"], message: string, path?: string): Refused => ({
  effect: "deny",
  error: path ? { code, message, path } : { code, message },
});

/** What something says that was thrown, if it can be asked. */
function said(e: unknown): string {
  try {
    return e instanceof Refusal ? e.message : `it throws ${quote(String((e as Error).message))}`;
  } catch {
    return "it throws";
  }
}
