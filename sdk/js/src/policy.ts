// A policy: an instance of its module, and the decisions that are asked of it.

import { version } from "./abi.ts";
import { begin, full, ignored, isObject, memberOf, place, posture, quote, Refusal, type Room, timed, writeRequest } from "./record.ts";
import { frozen, type Reader, readResult, reasonsOf } from "./result.ts";
import { type Action, before, type Meta, type Outputs, type Plan, planOfRequests, type Schema } from "./schema.ts";
import type { Decision, Host, Identity, Moment, Refused, Request, RequestError, Value } from "./types.ts";

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
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly rung_abi: WebAssembly.Global;
  readonly begin: (length: number) => number;
  readonly decide: (action: number, record: number) => number;
}

/** An action, and what its requests are made of when the first of them comes. */
export interface Entry {
  readonly number: number;
  readonly action: Action;
  plan?: Plan;
  reader?: Reader;
}

/** What code that was made for one policy sees of it: fast.ts. */
export interface Inside {
  readonly policy: Policy;
  readonly module: WebAssembly.Module;
  readonly ranks: ReadonlyMap<string, number>;
  /** An action by its name, with the plan of its requests. */
  find(action: string): (Entry & { plan: Plan }) | undefined;
  /** The room of the instance, with so many bytes at least, if it can be had. It is another one when that had to grow, or the instance is another. Who takes of it moves its base. */
  room(least: number): Room | undefined;
  /** Has a record decided, and the result read, whose address is then known. */
  ask(entry: Entry, record: number, read: (at: number) => Decision): Decision;
  /** Reads the result at an address. It throws if it is none. */
  read(entry: Entry, at: number, posture: string): Decision;
}

/** Decides requests of the kind that it knows; undefined for all others. It throws nothing. */
export type Fast = (inside: Inside) => (request: unknown) => Decision | undefined;

/** How much room for requests an instance begins with, behind the fixed part. */
const tail = 8 << 10;

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
  readonly #places: readonly string[] | undefined;
  readonly #fast: ReturnType<Fast> | undefined;
  #exports: Exports | undefined;
  #room!: Room;

  /** Use `load` or `loadSync`. */
  constructor(module: WebAssembly.Module, options: Options = {}, fast?: Fast) {
    const meta = section<Meta>(module, "rung.meta");
    const schema = section<Schema>(module, "rung.schema");
    const outputs = section<Outputs>(module, "rung.outputs");
    if (meta?.abi !== version || !schema || !outputs) throw new LoadError("no module of a policy");
    const { name, version: of, digest } = meta;
    this.identity = frozen(JSON.stringify({ name, version: of, digest }));
    this.schema = schema;
    this.outputs = outputs;
    this.options = options;
    this.#module = module;
    this.#actions = new Map(schema.actions?.map((action, number) => [action.name, { action, number }]));
    this.#postures = new Map([["normal", 0], ...(schema.postures ?? []).map((p): [string, number] => [p.name, p.rank])]);
    this.#places = section<{ places?: string[] }>(module, "rung.debug")?.places;
    this.#start();
    const wrong = this.#write(planOfRequests(schema, {}));
    if (wrong) throw new LoadError(`the option ${wrong.error.path}: ${wrong.error.message}`);
    this.#fast = fast?.({
      policy: this,
      module,
      ranks: this.#postures,
      find: (name) => this.#find(name),
      room: (least) => this.#roomOf(least),
      ask: (entry, record, read) => this.#ask(entry, record, read),
      read: (entry, at, posture) => this.#readResult(entry, at, posture),
    });
  }

  /**
   * Decides. It never throws: a request that cannot be decided about is denied, with the error in the decision. Of the request's objects, only what they have
   * themselves is looked at, and each value is read once.
   */
  decide(request: Request): Decision {
    return this.#read(request);
  }

  /** @internal Decides about a request that is written by another plan than the host's, and what the host says beside it. */
  protected decideBy(request: unknown, by: (plan: Plan) => Plan, host?: Host): Decision {
    return this.#read(request, by, host);
  }

  #read(request: unknown, by?: (plan: Plan) => Plan, host?: Host): Decision {
    if (busy) return refused("another is being read", undefined, "engine_error");
    busy = true;
    try {
      return (!by && this.#fast?.(request)) || this.#decide(request, by, host);
    } catch (e) {
      // A proxy has thrown, or there is no other instance.
      return refused(`it cannot be read: ${said(e)}`);
    } finally {
      busy = false;
    }
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
    throw new LoadError(`it cannot be used: ${said(cause)}`, { cause });
  }

  /** Makes room for requests; false if there is not so much. */
  #reserve(exports: Exports, size: number): boolean {
    const base = exports.begin(size) >>> 0;
    this.#room = { start: base, base: base + before, end: base + size } as Room;
    this.#look(exports);
    if (!base) this.#exports = undefined; // it may have no room at all now
    return base > 0;
  }

  #roomOf(least: number): Room | undefined {
    const { start, base, end } = this.#room;
    if (!this.#exports || (end - base < least && !this.#reserve(this.#exports, 2 * (end - start) + least))) return undefined;
    return this.#room;
  }

  #look({ memory: { buffer } }: Exports): void {
    this.#room.view = new DataView(buffer);
    this.#room.bytes = new Uint8Array(buffer);
  }

  /** Writes a record, in more room if there is not enough: of what the options say, and of a request. */
  #write(plan: Plan, entry?: Entry, request?: unknown, by?: (plan: Plan) => Plan, host?: Host): Refused | undefined {
    for (;;) {
      const exports = this.#exports ?? this.#start();
      const { options } = this;
      try {
        begin(this.#room, entry?.action.size ?? 0, this.#postures, options.strict);
        writeRequest(plan, { posture: ask(options.posture), params: ask(options.params) });
        if (!entry) return undefined;
        writeRequest(by ? by(plan) : plan, request);
        if (host) writeRequest(plan, { now: host.now, posture: host.posture, params: host.params });
        if (!timed) writeRequest(plan, { now: ask(options.clock) ?? Date.now() });
        this.ignored += ignored;
        return undefined;
      } catch (e) {
        if (e instanceof Refusal) return refused(e.message, e.path);
        // A getter, a proxy or a function of the options has thrown.
        if (e !== full) return refused(`it cannot be read: ${said(e)}`, place());
        const { start, end } = this.#room;
        if (!this.#reserve(exports, 2 * (end - start))) return refused("it is too large", undefined, "engine_error");
      }
    }
  }

  #decide(request: unknown, by?: (plan: Plan) => Plan, host?: Host): Decision {
    if (!isObject(request)) return refused("it is no object");
    const name = memberOf(request, "action");
    if (typeof name !== "string") return refused("no action", "/action");
    const entry = this.#find(name);
    if (!entry) return refused(`${quote(name)} is not declared`, "/action", "unknown_action");
    return this.#write(entry.plan, entry, request, by, host) ?? this.#ask(entry, this.#room.base, (at) => this.#readResult(entry, at, posture));
  }

  #find(name: string): (Entry & { plan: Plan }) | undefined {
    const entry = this.#actions.get(name);
    if (entry) entry.plan ??= planOfRequests(this.schema, entry.action);
    return entry as Entry & { plan: Plan };
  }

  #readResult(entry: Entry, at: number, posture: string): Decision {
    return readResult((entry.reader ??= this.#newReader(entry)), this.#room.view, at, posture);
  }

  #newReader({ action: { name: action }, number }: Entry): Reader {
    const { outputs, schema: { lazy }, identity } = this;
    const rules = outputs.actions![number]!.map((n) => outputs.rules![n]!);
    return { action, rules, reasons: reasonsOf(rules), trial: rules.some((x) => x.shadow), outputs, lazy, places: this.#places, identity };
  }

  /** Asks the module. One that fails is not used again. */
  #ask(entry: Entry, record: number, read: (at: number) => Decision): Decision {
    const exports = this.#exports!;
    try {
      const at = exports.decide(entry.number, record) >>> 0;
      // Memory that has grown takes the view away.
      if (!this.#room.bytes.length) this.#look(exports);
      return read(at);
    } catch (e) {
      this.#exports = undefined;
      return refused(`the module failed: ${said(e)}`, undefined, "engine_error");
    }
  }
}

/** The JSON of a section; undefined if there is none. It is frozen, as decisions share it. */
function section<T>(module: WebAssembly.Module, name: string): T | undefined {
  const [data] = WebAssembly.Module.customSections(module, name);
  return data && frozen<T>(new TextDecoder().decode(data));
}

/** A setting, or what it is just now. */
export const ask = <T>(setting: T | (() => T)): T => (typeof setting === "function" ? (setting as () => T)() : setting);

/** The answer to a request that cannot be decided about. */
export const refused = (message: string, path?: string, code: RequestError["code"] = "invalid_request"): Refused => ({
  effect: "deny",
  error: path ? { code, message, path } : { code, message },
});

/** What something that was thrown says, if it can be asked. */
function said(e: unknown): string {
  try {
    return quote(String((e as Error).message));
  } catch {
    return "";
  }
}
