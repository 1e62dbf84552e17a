// Requests as records in a module's memory: docs/abi.md, "The record". What a request holds is held against the types on the way, all of it, in the order in
// which it stands: also what no rule reads. Each value is read once, so what was held against its type is what is written.
//
// Decisions are taken one at a time, so the state of writing one is that of this file, and short of `begin` nobody sees it.

import {
  addressBytes,
  addressPrefix,
  addressSize,
  anyBool,
  anyDouble,
  anyList,
  anyMap,
  anyNull,
  anyPayload,
  anyString,
  bodyAlign,
  mapKeys,
  mapSize,
  mapStride,
  mapValues,
  maxNesting,
  maxStringBytes,
  recordKnown,
  recordPosture,
  recordPresence,
  recordWords,
} from "./abi.ts";
import {
  aligned,
  anyKind,
  boolKind,
  bytesKind,
  callersKind,
  cidrKind,
  doubleKind,
  durationKind,
  intKind,
  ipKind,
  kinds,
  listKind,
  mapKind,
  momentKind,
  objectKind,
  type Plan,
  postureKind,
  stringKind,
  timestampKind,
  uintKind,
} from "./schema.ts";
import { maxWhole, parseAddress, parseBytes, parseDuration, parseInteger, parseTimestamp } from "./values.ts";

/** What is thrown where a request has more than there is room for. */
export const full: unique symbol = Symbol();

/** Stands for the value of a member that is an accessor. It is of no type. */
const accessor = Symbol();

/** Why a request is refused, and where. */
export class Refusal {
  readonly message: string;
  readonly path: string;
  constructor(message: string, path: string) {
    this.message = message;
    this.path = path;
  }
}

/** An instance's memory, and the room for requests in it. */
export interface Room {
  view: DataView;
  bytes: Uint8Array;
  /** Where it begins, and where what is still free of it does. */
  readonly start: number;
  base: number;
  readonly end: number;
}

let view: DataView;
let bytes: Uint8Array;
let base: number;
let end: number;
/** Where what comes next is written, and where what nobody reads is. */
let next: number;
let scratch: number;
/** The posture, and its rank among those that there are. */
export let posture: string;
export let rank: number;
let ranks: ReadonlyMap<string, number>;
/** Whether the request says when it is. */
export let timed: boolean;
/** How many unknown signals and attributes were left out. */
export let ignored: number;
/** Whether they are refused, and accessors. */
let strict: boolean;
let sensitive: boolean;
/** Whether to look where members come from: where accessors are refused, or somebody has added to Object.prototype. */
let careful: boolean;
/** Whether the session has the level, which is computed. */
let level: boolean;
/** The path to the value at hand, and how long it is, which is how many lists and objects are around. What comes after a step that is not there is data, and not shown. */
const trail: (string | number | undefined)[] = [];
let depth: number;

const utf8 = new TextEncoder();
const numberOf = Number.prototype.valueOf;
const timeOf = Date.prototype.getTime;
const entriesOf = Map.prototype.entries;
const { getPrototypeOf, getOwnPropertyDescriptor, hasOwn, prototype } = Object;
const { isArray } = Array;
const none: readonly never[] = [];

/** Begins a record whose fixed part has so many bytes, and presence so many words. */
export function begin(room: Room, size: number, words: number, known: ReadonlyMap<string, number>, rigid = false): void {
  ({ view, bytes, base, end } = room);
  scratch = base + size;
  next = scratch + 16;
  if (next > end) throw full;
  u32(base + recordPresence, 0);
  whole(base + recordKnown, 0);
  for (let w = 1; w < words; w++) u32(base + recordWords + 4 * (w - 1), 0);
  u32(base + recordPosture, 0);
  ranks = known;
  posture = "normal";
  strict = rigid;
  timed = false;
  rank = ignored = depth = 0;
  careful = rigid;
  for (const _ in none) careful = true;
}

/** Writes a member of the request, unless it is undefined. */
export function say(request: Plan, name: string, v: unknown): void {
  if (v === undefined) return;
  depth = 1;
  trail[0] = name;
  member(request.fields.get(name)!, base, v);
}

/** Writes a value by itself, which has so many lists and objects around it. */
export function putAlone(f: Plan, at: number, v: unknown, around: number): void {
  depth = around;
  put(f, at, v);
}

/** Writes a request. */
export function writeRequest(request: Plan, v: unknown): void {
  depth = 0;
  level = false;
  walk(request, base, v);
}

/** A step of a JSON Pointer. */
export const pointer = (name: string | number): string => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** The path to the value at hand, or to what is so many steps around it. */
export function place(around = 0): string {
  let path = "";
  for (let i = 0; i < depth - around && trail[i] !== undefined; i++) path += pointer(trail[i]!);
  return path;
}

function refuse(message: string, around?: number): never {
  throw new Refusal(message, place(around));
}

/** Refuses a value that is none of its type. */
function wrong(v: unknown, kind: number): never {
  const type = typeof v;
  const a =
    v === accessor
      ? "an accessor"
      : type === "object" && v !== null
        ? `a${isArray(v) ? " list" : "n object"}`
        : v != null && (sensitive || /^(sy|f)/.test(type))
          ? `a ${type}`
          : type === "string"
            ? quote(v as string)
            : String(v).slice(0, 40);
  return refuse(`${a} is no ${kind === objectKind || kind === mapKind ? "plain object" : kind === anyKind ? "value of JSON" : kinds[kind]}`);
}

/** A text of a request as messages show it: cut, and with escapes for what does not print or turns the text around. */
export const quote = (s: string): string =>
  JSON.stringify(s.length > 40 ? `${s.slice(0, 40)}…` : s).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

/** Whether a value is a plain object, of this realm. */
function isHere(v: unknown): v is Readonly<Record<string, unknown>> {
  if (typeof v !== "object" || v === null) return false;
  const p = getPrototypeOf(v);
  return p === prototype || p === null;
}

/** Whether a value is a plain object, of any realm. */
function isPlain(v: unknown): v is Readonly<Record<string, unknown>> {
  if (isHere(v)) return true;
  const p = typeof v === "object" && getPrototypeOf(v);
  return p && getPrototypeOf(p) === null && hasOwn(p, "isPrototypeOf");
}

/** The members of a plain object, or of a Map whose keys are strings; undefined for all else. Only what is an object's own is a member. */
export function membersOf(v: unknown, rigid?: boolean): [string, unknown][] | undefined {
  const all = v instanceof Map ? [...entriesOf.call(v)] : isPlain(v) ? Object.keys(v).map((k): [string, unknown] => [k, rigid ? own(v, k) : v[k]]) : undefined;
  return all?.every(([k]) => typeof k === "string") ? all : undefined;
}

/** Reads a member of an object or Map of that kind; undefined if it has none. */
export const memberOf = (v: unknown, name: string): unknown => (v instanceof Map ? v.get(name) : isPlain(v) && hasOwn(v, name) ? v[name] : undefined);

/** Reads a member that may be an accessor. */
function own(v: object, name: string | number): unknown {
  const d = getOwnPropertyDescriptor(v, name);
  return d && (d.get || d.set) ? accessor : d?.value;
}

/** Writes the members of an object. */
function walk(plan: Plan, origin: number, v: unknown): void {
  const at = depth;
  let last: Plan | undefined;
  if (isHere(v)) {
    depth++;
    for (const k in v) {
      const x = careful ? own(v, k) : v[k];
      if (x === undefined) continue;
      trail[at] = k;
      let f = last === undefined ? plan.first : last.next;
      if (f === undefined || f.name !== k) f = find(plan, k, last);
      if (f === undefined) continue;
      member((last = f), origin, x);
    }
  } else {
    const all = membersOf(v, strict) ?? wrong(v, objectKind);
    depth++;
    for (const [k, x] of all) {
      trail[at] = k;
      const f = x === undefined ? x : find(plan, k, last);
      if (f) member((last = f), origin, x);
    }
  }
  depth = at;
}

/** Finds a field by its name, and notes what it comes after. What the policy does not have is left out, or refused. */
function find(plan: Plan, name: string, last: Plan | undefined): Plan | undefined {
  const f = plan.fields.get(name);
  if (f !== undefined) {
    f.name = name;
    if (last === undefined) plan.first = f;
    else last.next = f;
  } else if (!strict && depth > 1 && trail[0] === "signals") ignored++;
  else {
    // Names in a sensitive signal may be data.
    const hidden = sensitive && depth > 2;
    refuse(`${hidden ? "an attribute" : quote(name)} is not declared`, +hidden);
  }
  return f;
}

function member(f: Plan, origin: number, v: unknown): void {
  if (depth < 3) {
    ({ sensitive } = f);
    if (f.lazy >= 0) set(base + recordKnown, f.lazy);
  }
  if (v === null && f.nullable) return;
  if (f.offset >= 0) put(f, origin + f.offset, v);
  else if (f.kind === objectKind) {
    walk(f, base, v);
    if (level && depth === 2) {
      trail[depth++] = "level";
      refuse("the level is computed");
    }
  } else {
    const before = next;
    put(f, scratch, v);
    next = before;
    level ||= f.computed;
  }
  // In a record, the first word of presence stands before the others.
  if (f.bit >= 0) set(origin !== base ? origin : f.bit < 32 ? base + recordPresence : base + recordWords - 4, f.bit);
}

/** Sets a bit. */
function set(at: number, bit: number): void {
  const word = at + 4 * (bit >> 5);
  view.setInt32(word, view.getInt32(word, true) | (1 << bit), true);
}

function u32(at: number, n: number): void {
  view.setUint32(at, n, true);
}

/** Writes a whole number of up to 2^53 in magnitude. */
function whole(at: number, n: number): void {
  u32(at, n);
  u32(at + 4, Math.floor(n / 2 ** 32));
}

/** Writes the address of n bytes that are to be written, and returns it. */
function take(at: number, n: number, size: number): number {
  const to = aligned(next, size);
  next = to + n;
  if (next > end) throw full;
  u32(at, to);
  return to;
}

function counted(at: number, n: number, max: number, size: number): number {
  if (n > max) refuse(`${n} entries are more than ${max}`);
  u32(at + 4, n);
  return take(at, n * size, size);
}

/** Writes a value at an address. It recurs as deep as types do. */
function put(f: Plan, at: number, v: unknown): void {
  const { kind } = f;
  let n: bigint | undefined;
  switch (kind) {
    case stringKind:
      if (typeof v === "string") return text(at, v);
      break;
    case doubleKind:
      if (number(at, v)) return;
      break;
    case boolKind:
      if (typeof v === "boolean") return view.setUint8(at, +v);
      break;
    case timestampKind:
    case momentKind:
    case callersKind:
      timed ||= kind !== timestampKind;
      if (moment(at, v, kind)) return;
      break;
    case intKind:
    case uintKind:
      if (typeof v === "number" && Number.isInteger(v) && (kind === intKind || v >= 0) && Math.abs(v) <= maxWhole) return whole(at, v);
      n = parseInteger(v, kind === intKind);
      break;
    case postureKind: {
      const r = ranks.get(v as string);
      if (r === undefined) break;
      posture = v as string;
      rank = r;
      return u32(at, r);
    }
    case durationKind:
      n = parseDuration(v);
      break;
    case listKind:
      if (isArray(v)) return list(f, at, v);
      break;
    case objectKind: {
      const to = take(at, f.body, bodyAlign);
      bytes.fill(0, to, next);
      return walk(f, to, v);
    }
    case mapKind:
      return map(f, at, v);
    case ipKind:
    case cidrKind:
      if (typeof v === "string" && address(at, v, kind)) return;
      break;
    case bytesKind: {
      const raw = parseBytes(v);
      if (raw) return bytes.set(raw, counted(at, raw.length, maxStringBytes, 1));
      break;
    }
    case anyKind:
      return any(f, at, v);
  }
  view.setBigInt64(at, n ?? wrong(v, kind), true);
}

function any(f: Plan, at: number, v: unknown): void {
  const to = at + anyPayload;
  const tag = (n: number): void => u32(at, n);
  const nested = typeof v === "object" && v !== null && !(v instanceof Number);
  if (nested && depth >= maxNesting) refuse(`nested more than ${maxNesting} deep`, 1);
  if (typeof v === "string") {
    tag(anyString);
    text(to, v);
  } else if (typeof v === "boolean") {
    tag(anyBool);
    whole(to, +v);
  } else if (v === null) tag(anyNull);
  else if (isArray(v)) {
    tag(anyList);
    list(f, to, v);
  } else if (nested) {
    tag(anyMap);
    map(f, to, v);
  } else {
    tag(anyDouble);
    if (!number(to, v)) wrong(v, anyKind);
  }
}

function text(at: number, s: string): void {
  const n = s.length;
  const to = next;
  let i = 0;
  if (n < 100 && to + n <= end) {
    const out = bytes;
    for (let c: number; i < n && (c = s.charCodeAt(i)) < 128; i++) out[to + i] = c;
    next = to + n;
  }
  if (i < n) long(s, to);
  u32(at, to);
  u32(at + 4, next - to);
}

/** Writes a text that is long, or not of ASCII alone. */
function long(s: string, to: number): void {
  if (/\p{Cs}/u.test(s)) refuse("half of a surrogate pair");
  const { read, written } = utf8.encodeInto(s, bytes.subarray(to, Math.min(end, to + maxStringBytes)));
  if (read < s.length) {
    if (end - to < maxStringBytes + 4) throw full;
    refuse(`more than ${maxStringBytes} bytes`);
  }
  next = to + written;
}

/** Writes a finite number. An object is what the reader of JSON makes of one that is rounded to a whole one. */
function number(at: number, v: unknown): boolean {
  const n = v instanceof Number ? numberOf.call(v) : v;
  if (typeof n !== "number" || !Number.isFinite(n)) return false;
  view.setFloat64(at, n, true);
  return true;
}

/** Writes the moment of a Date, of a text, or of milliseconds, where that is the host's; false if it is none. */
function moment(at: number, v: unknown, kind: number): boolean {
  let ms = Number.NaN;
  let nanos: number | undefined;
  if (typeof v === "string") [ms, nanos] = parseTimestamp(v);
  else if (kind === momentKind && typeof v === "number") ms = v;
  else if (kind !== callersKind) {
    try {
      ms = timeOf.call(v as Date);
    } catch {} // It is no Date.
  }
  const seconds = Math.floor(ms / 1e3);
  whole(at, seconds);
  u32(at + 8, nanos ?? (ms - seconds * 1e3) * 1e6);
  u32(at + 12, 0);
  // The years 1 to 9999.
  return seconds >= -62135596800 && seconds <= 253402300799;
}

function address(at: number, s: string, kind: number): boolean {
  const [host, n] = kind === ipKind ? [s] : (/^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(s)?.slice(1) ?? []);
  const to = take(at, addressSize, 4);
  const from = to + addressBytes;
  if (host === undefined || !parseAddress(host, view, from)) return false;
  u32(to, view.getUint32(from + 8) === 0xffff && !view.getUint32(from + 4) && !view.getUint32(from) ? 4 : 6);
  const prefix = n === undefined ? 0 : +n + (host.includes(":") ? 0 : 96);
  bytes[to + addressPrefix] = prefix;
  // A range that cuts through the ffff of mapped addresses has bits below its prefix, too.
  return n === undefined || (prefix <= 128 && bytes.subarray(from, from + 16).every((b, i) => !(b & (255 >> Math.min(8, Math.max(0, prefix - 8 * i))))));
}

function list({ element, max }: Plan, at: number, v: readonly unknown[]): void {
  // A Proxy of an array says of its length what it likes.
  const n = v.length >>> 0;
  const { size } = element;
  const to = counted(at, n, max, size);
  const here = depth++;
  for (let i = 0; i < n; i++) {
    trail[here] = i;
    put(element, to + i * size, careful ? own(v, i) : v[i]);
  }
  depth = here;
}

function map({ element, max }: Plan, at: number, v: unknown): void {
  const all = membersOf(v, strict) ?? wrong(v, mapKind);
  const entries = all.filter(([, x]) => x !== undefined);
  const { size } = element;
  const n = entries.length;
  const head = take(at, mapSize, 4);
  // The number stands elsewhere than in a list: what follows is written after it.
  const keys = counted(head + mapKeys, n, max, mapStride);
  u32(head, n);
  const values = take(head + mapValues, n * size, size);
  const places = new Map(
    entries
      .map(([k]) => k)
      .sort((a, b) => (ranked(a) < ranked(b) ? -1 : 1))
      .map((k, i) => [k, i]),
  );
  for (const [k, i] of places) text(keys + i * mapStride, k);
  const here = depth++;
  for (const [k, x] of entries) {
    // Keys are data.
    trail[here] = sensitive ? undefined : k;
    put(element, values + places.get(k)! * size, x);
  }
  depth = here;
}

/** A text that is ordered among others as its bytes in UTF-8 are: < has surrogates before U+E000 to U+FFFF. */
const ranked = (s: string): string => s.replace(/[\ud800-\uffff]/g, (c) => String.fromCharCode(0xd800 + ((c.charCodeAt(0) - 0xb800) % 0x2800)));
