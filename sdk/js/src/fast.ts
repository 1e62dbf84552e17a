// Requests of a policy for which `rung build --js --fast` has written code: straight reads of the members that it knows, by their names, which engines of JavaScript compile to loads from
// known places. That code says which value goes to which field; what is done with it is here. Plain objects with values in their usual forms are taken, and nothing is refused: what is no
// such request is left to record.ts, from its beginning, which takes all forms, and says what is wrong with the others.
//
// Each action has a record of its own that stays where it is, so that a text that was there in the last request need not be written again.
//
// Decisions are taken one at a time, so the state of writing one is that of this file.

import {
  addressSize,
  firstSecond,
  lastSecond,
  recordKnown,
  recordPosture,
  recordPresence,
  recordWords,
  resultAge,
  resultEffect,
  resultFaults,
  resultGroups,
  resultLevel,
  resultMaxAge,
  resultReachable,
  resultReasonSet,
  resultSatisfied,
  resultShadowEffect,
} from "./abi.ts";
import type { Kind } from "./load.ts";
import { ask, type Entry, type Options, Policy, type Read, type Write as WriteRequest } from "./policy.ts";
import { begin, ignored, putAlone, type Room } from "./record.ts";
import { readResult } from "./result.ts";
import { before, type Outputs, type Plan } from "./schema.ts";
import type { Decision, Identity, Reason, Requirement, Satisfied } from "./types.ts";

/** Where a value goes, and what went there last. */
interface Field {
  readonly plan: Plan;
  /** How many lists and objects are around it. */
  readonly depth: number;
  /** Whether null says that it is missing. */
  readonly nullable: boolean;
  /** Whether it is the host's, who may leave nothing to be ignored. */
  readonly hosts: boolean;
  /** The address of the value; of one that nobody reads, of a place for those. */
  readonly at: number;
  /** The word of its presence, as a place in words, and the bit in it; 0 if there is none. */
  readonly word: number;
  readonly bit: number;
  /** The same for a lazy signal that was looked for. */
  readonly known: number;
  readonly lazy: number;
  /** Room for what the value points to. */
  readonly room: number;
  /** Of a list of texts, its first elements. */
  readonly parts: readonly Field[];
  /** The text of an element or address that stands there; what is no text if there is none. */
  last: unknown;
}

/** The record of an action, and what writes it: nothing if its requests are not for this file. */
interface Track {
  readonly action: string;
  readonly room: Room | undefined;
  readonly entry: Entry;
  readonly base: number;
  readonly params: Write | undefined;
  readonly signals: Write | undefined;
  /** What decisions of late were made of, by some of their numbers; undefined if the action has rules on trial, or more than a word of rules. */
  readonly made: (Made | undefined)[] | undefined;
}

/** The numbers of a result, but for the age of the session, and the parts of a decision that were made of them. */
interface Made {
  readonly effect: number;
  readonly set: number;
  readonly place: number;
  readonly level: number;
  readonly reachable: number;
  readonly age: number;
  readonly ageHigh: number;
  /** The level that the session has. */
  readonly satisfied: string | undefined;
  readonly reasons: readonly Reason[] | undefined;
  readonly requirement: Requirement | undefined;
}

/** What the code of a policy sees of it. */
interface Inside {
  readonly policy: Policy;
  readonly ranks: ReadonlyMap<string, number>;
  /** The room of the instance, if there is one. It is another one when it had to grow, or the instance is another. Who takes of it moves its base. */
  now(): Room | undefined;
  /** An action by its name. */
  find(action: string): Entry | undefined;
  /** The same, with so many bytes at least, if they can be had. */
  room(least: number): Room | undefined;
  /** Has a record decided, and the result read. */
  ask(entry: Entry, record: number, read: Read): Decision;
}

/** Writes the members of an object, and if it is told so counts those that are unknown. */
type Write = (v: unknown, counts: boolean) => void;

/** Makes what writes an object that is an action's, of its fields, and of what writes its resource. */
type Maker = (fields: readonly Field[], resource?: Write) => Write;

/**
 * What rung writes for a policy: what leaves a request if Object.prototype has a name that the policy knows, which the writing of signals does too, and makers of what writes params, signals,
 * and the resource of each action. Fields are numbered as they stand in the schema: the signals as a whole, the params, the signals, the resource, each object before its attributes.
 */
export type Writer = (tools: object) => readonly [clean: () => void, params: Maker, signals: Maker, resources: readonly Maker[]];

/** How long a text may be that has a place of its own, and how many elements of a list. */
const most = 64;
const parts = 8;
/** How many results of an action are kept: a power of two. */
const kept = 32;
/** How much room the records of actions may take. Actions that come when there is no more of it are left to record.ts. */
const mostRoom = 1 << 20;

const { getPrototypeOf, hasOwn, keys, prototype } = Object;
const { isArray } = Array;
const { getTime } = Date.prototype;
const none: readonly never[] = [];

/** What the tools of a policy share. It changes as little as can be, and is a constant of theirs: so engines know where its memory is when they compile them. */
interface State {
  bytes: Uint8Array;
  words: Int32Array;
  doubles: Float64Array;
  room: Room;
  ranks: ReadonlyMap<string, number>;
  /** Whether record.ts has been told where to write. */
  opened: boolean;
  /** How many unknown signals and attributes there are, in a request in which they are counted. */
  ignored: number;
  /** What is decided now. */
  track: Track;
  posture: string;
}

/** Leaves a request to record.ts. */
function leave(): never {
  throw undefined;
}

/** The time of a date. Engines know which function it is that they have found in it, and need not call it. */
function timeOf(v: unknown): number {
  const { getTime: found } = v as Date;
  return found === getTime ? found.call(v as Date) : leave();
}

/** null says that a value is missing, where it may say so. */
function missing(f: Field): false {
  return f.nullable ? false : leave();
}

/** What the code of a policy is made of, beside the state. Tools that write a value note that it is there, but for fresh and moment. */
function toolsOf(s: State) {
  /** Notes that a signal or object is there, and returns whether it has a value. */
  const seen = (f: Field, v: unknown): boolean => {
    s.words[f.known]! |= f.lazy;
    if (v === null) return missing(f);
    s.words[f.word]! |= f.bit;
    return true;
  };

  /** Writes a text that is not the last one. It returns what is the last one then. */
  const fresh = (f: Field, v: unknown): unknown => {
    if (typeof v !== "string") leave();
    const n = v.length;
    const to = f.room;
    let i = 0;
    if (n <= most) for (let c: number; i < n && (c = v.charCodeAt(i)) < 128; i++) s.bytes[to + i] = c;
    if (i < n) {
      other(f, v);
      return none;
    }
    s.words[f.at >>> 2] = to;
    s.words[(f.at >>> 2) + 1] = n;
    return v;
  };

  const texts = (f: Field, v: unknown): void => {
    if (v === null) return void missing(f);
    if (!isArray(v)) leave();
    const n = v.length >>> 0;
    if (n > f.parts.length) return other(f, v);
    for (let i = 0; i < n; i++) {
      const part = f.parts[i]!;
      const x = v[i] as unknown;
      if (x === part.last) continue;
      part.last = none;
      part.last = fresh(part, x);
    }
    s.words[f.at >>> 2] = f.room;
    s.words[(f.at >>> 2) + 1] = n;
    s.words[f.word]! |= f.bit;
  };

  /** Writes milliseconds since 1970. */
  const moment = (at: number, ms: number): void => {
    const to = at >>> 2;
    if (!(ms >= 0 && ms < 2 ** 31 * 1e3)) return far(to, ms);
    const seconds = (ms / 1e3) | 0;
    s.words[to] = seconds;
    s.words[to + 1] = 0;
    s.words[to + 2] = (ms - seconds * 1e3) * 1e6;
  };

  /** The same for those before 1970, and from 2038 on. */
  const far = (to: number, ms: number): void => {
    const seconds = Math.floor(ms / 1e3);
    if (!(seconds >= firstSecond && seconds <= lastSecond)) leave();
    s.words[to] = seconds;
    s.words[to + 1] = Math.floor(seconds / 2 ** 32);
    s.words[to + 2] = (ms - seconds * 1e3) * 1e6;
  };

  /** An IP address or range takes some time to read, and is most often the last one. */
  const address = (f: Field, v: unknown): void => {
    if (v === f.last) s.words[f.word]! |= f.bit;
    else if (v === null) missing(f);
    else {
      f.last = none;
      other(f, v);
      const from = s.words[f.at >>> 2]!;
      s.bytes.copyWithin(f.room, from, from + addressSize);
      s.words[f.at >>> 2] = f.room;
      f.last = v;
    }
  };

  /** All other values, and all other forms, as record.ts writes them. */
  const other = (f: Field, v: unknown): void => {
    if (v === null && f.nullable) return;
    if (!s.opened) begin(s.room, recordWords, s.ranks);
    s.opened = true;
    putAlone(f.plan, f.at, v, f.depth, f.hosts);
    s.words[f.word]! |= f.bit;
  };

  /** Counts the members of an object that are unknown. */
  const count = (v: object, { plan: { fields } }: Field): void => {
    for (const name in v) if (!fields.has(name) && hasOwn(v, name) && (v as Record<string, unknown>)[name] !== undefined) s.ignored++;
  };

  return { state: s, protoOf: getPrototypeOf, plain: prototype, getTime, leave, seen, fresh, texts, moment, address, other, count };
}

/** The memory that there is now. */
function look(s: State, { bytes }: Room): void {
  s.bytes = bytes;
  s.words = new Int32Array(bytes.buffer);
  s.doubles = new Float64Array(bytes.buffer);
}

/** Begins the record of a request. */
function start(s: State, { base, room }: Track, count: number): void {
  if (s.bytes !== room!.bytes) look(s, room!);
  if (s.room !== room) s.room = room!;
  s.opened = false;
  s.ignored = 0;
  const at = base >>> 2;
  s.words[at + recordPresence / 4] = 0;
  s.words[at + recordKnown / 4] = 0;
  s.words[at + recordKnown / 4 + 1] = 0;
  for (let w = 1; w < count; w++) s.words[at + recordWords / 4 + w - 1] = 0;
}

/** How many bytes a value of a record takes beside it. */
function spaceOf({ kind, offset, element }: Plan): number {
  if (offset < 0) return 0;
  if (kind === "string") return most;
  if (kind === "ip" || kind === "cidr") return 24;
  return kind === "list" && element.kind === "string" ? parts * (8 + most) : 0;
}

/** Room for values that nobody reads: one, the heads of a list's elements, and a text. */
const spot = 16;
const waste = spot + 8 * parts + most;

/** The fields of an action, in the order in which they are numbered; undefined if its requests have what the policy's code does not write. */
function plansOf(entry: Entry): Pick<Field, "plan" | "depth" | "nullable" | "hosts">[] | undefined {
  const { fields } = entry.plan;
  const signals = fields.get("signals")!;
  const all = [{ plan: signals, depth: 1, nullable: false, hosts: false }];
  const add = (plan: Plan, depth: number, hosts: boolean, nullable = plan.kind !== "any"): boolean => {
    all.push({ plan, depth, nullable, hosts });
    if (plan.name in prototype || (plan.kind === "object" && plan.offset >= 0)) return false;
    return plan.kind !== "object" || [...plan.fields.values()].every((f) => add(f, depth + 1, hosts));
  };
  const params = [...fields.get("params")!.fields.values()].every((f) => add(f, 2, true, false));
  return params && [...signals.fields.values()].every((f) => add(f, 2, false, true)) ? all : undefined;
}

function madeOf({ actions, rules }: Outputs, { number }: Entry): Track["made"] {
  const all = actions![number]!;
  return all.length > 32 || all.some((n) => rules![n]!.shadow) ? undefined : new Array<undefined>(kept).fill(undefined);
}

/** Lays out the record of an action. */
function trackOf(inside: Inside, entry: Entry, [, params, signals, resources]: ReturnType<Writer>): Track {
  const plans = plansOf(entry);
  const needed = plans?.reduce((n, { plan }) => n + spaceOf(plan), entry.action.size + 8 + waste + before);
  const now = inside.now()!;
  const room = needed && now.base - now.start + needed < mostRoom ? inside.room(needed) : undefined;
  const { name: action } = entry.action;
  if (!plans || !needed || !room) return { action, room: now, entry, base: 0, params: undefined, signals: undefined, made: undefined };
  const { base } = room;
  const unread = (base + entry.action.size + 7) & -8;
  let next = unread + waste;
  room.base = (base + needed + 7) & -8;
  room.bytes.fill(0, base, room.base);
  const fields = plans.map(({ plan, depth, nullable, hosts }): Field => {
    const { offset, bit, lazy, kind, element, max } = plan;
    const space = spaceOf(plan);
    const to = space ? next : unread + spot;
    next += space;
    const word = (base >> 2) + (bit >> 5);
    const known = (base >> 2) + (lazy >> 5);
    // Engines like all fields to be made at one place.
    const fieldOf = (plan: Plan, depth: number, at: number, room: number, bit: number, parts: readonly Field[]): Field => {
      return { plan, depth, nullable, hosts, at, word, bit, known, lazy: lazy < 0 ? 0 : 1 << lazy, room, parts, last: none };
    };
    const part = (i: number): Field => fieldOf(element, depth + 1, to + 8 * i, to + 8 * parts + (space ? most * i : 0), 0, none);
    const texts = kind === "list" && element.kind === "string" ? Array.from({ length: Math.min(parts, max) }, (_, i) => part(i)) : none;
    return fieldOf(plan, depth, offset < 0 ? unread : base + offset, to, bit < 0 ? 0 : 1 << bit, texts);
  });
  return { action, room, entry, base, params: params(fields), signals: signals(fields, resources[entry.number]!(fields)), made: madeOf(inside.policy.outputs, entry) };
}

/** What of a result is no matter of this file: something is on trial, or went wrong, or methods are asked for. 0: nothing. */
const moreOf = (words: Int32Array, to: number): number => words[to + resultShadowEffect / 4]! | words[to + resultFaults / 4]! | words[to + resultGroups / 4]!;

/** Where in the list of an action what was made of a result is kept. */
const placeOf = (words: Int32Array, to: number, set: number): number => (set ^ (words[to + resultEffect / 4]! << 2) ^ words[to + resultLevel / 4]!) & (kept - 1);

/** The first word of the set of rules that are reasons. */
const setAt = (words: Int32Array, to: number): number => words[words[to + resultReasonSet / 4]! >>> 2]!;

/** Keeps the parts of a decision that result.ts has read. They do not change from then on. */
function keep(s: State, to: number, d: Decision): void {
  const { words, track } = s;
  // A view that memory has taken away, as it grew, has no length.
  if (!track.made || words.length === 0 || moreOf(words, to) !== 0 || !("policy" in d) || d.effect === "need") return;
  const set = setAt(words, to);
  track.made[placeOf(words, to, set)] = {
    effect: words[to + resultEffect / 4]!,
    set,
    place: words[to + resultSatisfied / 4]!,
    level: words[to + resultLevel / 4]!,
    reachable: words[to + resultReachable / 4]!,
    age: words[to + resultMaxAge / 4]!,
    ageHigh: words[to + resultMaxAge / 4 + 1]!,
    satisfied: d.satisfied?.level,
    reasons: "reasons" in d ? Object.freeze(d.reasons) : undefined,
    requirement: d.effect === "step_up" ? Object.freeze(d.requirement) : undefined,
  };
}

/** A decision whose parts were kept when another one was made of the same numbers; undefined if there is none. */
function decisionOf(s: State, policy: Identity, at: number): Decision | undefined {
  const to = at >>> 2; // engines know then that sums do not overflow
  const { words, posture, track } = s;
  const set = setAt(words, to);
  const m = track.made?.[placeOf(words, to, set)];
  if (m === undefined) return undefined;
  const other =
    moreOf(words, to) |
    (m.effect ^ words[to + resultEffect / 4]!) |
    (m.set ^ set) |
    (m.place ^ words[to + resultSatisfied / 4]!) |
    (m.level ^ words[to + resultLevel / 4]!) |
    (m.reachable ^ words[to + resultReachable / 4]!) |
    (m.age ^ words[to + resultMaxAge / 4]!) |
    (m.ageHigh ^ words[to + resultMaxAge / 4 + 1]!);
  if (other !== 0) return undefined;
  const { action } = track;
  const { reasons, requirement, satisfied: level } = m;
  let satisfied: Satisfied | undefined;
  if (level !== undefined) {
    const age = words[to + resultAge / 4]!;
    const high = words[to + resultAge / 4 + 1]!;
    // The age of the session is another one each time; one that is too large for this file, or none, is left.
    if (high !== age >> 31 || age < -1) return undefined;
    satisfied = age < 0 ? { level } : { level, age };
  }
  if (requirement !== undefined)
    return satisfied
      ? { effect: "step_up", action, requirement, satisfied, reasons: reasons!, posture, policy }
      : { effect: "step_up", action, requirement, reasons: reasons!, posture, policy };
  if (reasons !== undefined) return satisfied ? { effect: "deny", action, satisfied, reasons, posture, policy } : { effect: "deny", action, reasons, posture, policy };
  return satisfied ? { effect: "allow", action, satisfied, posture, policy } : { effect: "allow", action, posture, policy };
}

/** Whether a request has no other members than those that are known. */
const isKnown = (request: object, { fields }: Plan): boolean => keys(request).every((name) => fields.has(name));

/** Whether a module says of requests what another one says, whose bytes these are. */
function isLike(module: WebAssembly.Module, bytes: Uint8Array): boolean {
  const [schema] = WebAssembly.Module.customSections(module, "rung.schema");
  const text = new TextDecoder();
  return text.decode(bytes).includes(text.decode(schema));
}

/** Decides requests by the code that rung has written for the policy; undefined for those that are left to record.ts. Where accessors are refused, it decides none. */
function decider(writer: Writer, inside: Inside, every: number): (request: unknown) => Decision | undefined {
  const { policy, ranks } = inside;
  const { schema } = policy;
  const { clock, params: usual, posture: usually, strict } = policy.options;
  const state = { room: inside.now(), ranks, opened: false, ignored: 0, posture: "" } as State;
  look(state, state.room);
  const tools = toolsOf(state);
  const writes = writer(tools);
  const [clean] = writes;
  const tracks = new Map<unknown, Track>();
  const { identity } = policy;
  let turn = 0;

  const read = (view: DataView, at: number): Decision => {
    const had = at & 3 ? undefined : decisionOf(state, identity, at);
    if (had !== undefined) return had;
    const d = readResult(state.track.entry.reader, view, at, state.posture);
    if (!(at & 3)) keep(state, at >>> 2, d);
    return d;
  };

  /** The record of an action in the room that there is. */
  const find = (action: unknown): Track | undefined => {
    const room = inside.now();
    const had = tracks.get(action);
    if (had?.room === room) return had;
    const entry = inside.find(action as string);
    if (!entry || !room) return undefined;
    const track = trackOf(inside, entry, writes);
    tracks.set(action, track);
    return track;
  };

  const decide = (request: unknown): Decision | undefined => {
    const { action, now, posture, params: given, signals: about } = request as Record<string, unknown>;
    if (getPrototypeOf(request) !== prototype) return undefined;
    if (about === undefined) clean();
    let track: Track | undefined = state.track;
    if (track === undefined || track.action !== action || track.room !== inside.now()) track = find(action);
    if (track === undefined || track.signals === undefined || track.params === undefined) return undefined;
    const { params, signals, base, entry } = track;
    state.track = track;
    start(state, track, schema.words);
    let n = 1;
    if (now !== undefined) n++;
    const when = now === undefined ? (ask(clock) ?? Date.now()) : now;
    tools.moment(base, typeof when === "number" ? when : timeOf(when));
    let p = ask(usually);
    let rank = p === undefined ? 0 : ranks.get(p);
    if (posture !== undefined) {
      n++;
      p = posture as string;
      if (rank !== undefined) rank = ranks.get(p);
    }
    if (rank === undefined) return undefined;
    state.words[(base + recordPosture) >>> 2] = rank;
    const own = ask<unknown>(usual);
    if (own !== undefined) params(own, false);
    if (given !== undefined) {
      n++;
      params(given, false);
    }
    const counts = turn === 0;
    turn = turn === 0 ? every - 1 : turn - 1;
    if (about !== undefined) {
      n++;
      signals(about, counts);
    }
    for (const _ in request as object) n--;
    if (n !== 0 && !isKnown(request as object, entry.plan)) return undefined;
    if (state.opened) policy.ignored += ignored;
    if (counts) policy.ignored += state.ignored * every;
    state.posture = p ?? "normal";
    return inside.ask(entry, base, read);
  };

  return (request) => {
    try {
      return strict ? undefined : decide(request);
    } catch {
      return undefined;
    }
  };
}

/**
 * A kind of policies that decide by the code that rung has written for them, where they can. That is for one schema, by which fields are numbered: where the module may be another one
 * than that for which the code was written, whose bytes are given then, and says something else of requests, they decide nothing by it. Unknown signals and attributes are counted in one
 * request of `every`, and stand for those of the others: to look for them in each would take longer than to decide.
 */
export const fast = (writer: Writer, like?: Uint8Array, every = 128): Kind<Policy> =>
  class extends Policy {
    readonly #decide: (request: unknown) => Decision | undefined;

    constructor(module: WebAssembly.Module, options?: Options) {
      super(module, options);
      const { ranks } = this;
      const room = (least: number): Room | undefined => {
        const room = this.instance;
        return room && room.end - room.base < least ? this.reserve(room.exports, 2 * (room.end - room.start) + least) : room;
      };
      const inside: Inside = {
        policy: this,
        ranks,
        now: () => this.instance,
        room,
        find: (action) => this.find(action),
        ask: (entry, record, read) => this.ask(entry, record, read),
      };
      this.#decide = like && !isLike(module, like) ? () => undefined : decider(writer, inside, every);
    }

    protected override answer(request: unknown, write: WriteRequest): Decision {
      return this.#decide(request) ?? super.answer(request, write);
    }
  };
