// Requests as records in a module's memory: docs/abi.md, "The record". What a request holds is held against the types on the way, all of it, in the order in
// which it stands: also what no rule reads.
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
  recordNanos,
  recordPosture,
  recordPresence,
  recordSeconds,
  recordWords,
} from "./abi.ts";
import type { Field, Plan, Shape } from "./schema.ts";
import { maxWhole, ofMilliseconds, parseAddress, parseBytes, parseDuration, parseInteger, parseTimestamp, type Time } from "./values.ts";

/** What is thrown where a request has more than there is room for. */
export const full: unique symbol = Symbol("full");

/** Why a request is refused, and where. */
export class Refusal {
  readonly message: string;
  path: string;
  /** Whether the place is that of what is around it. */
  outside = false;
  constructor(message: string, path = "") {
    this.message = message;
    this.path = path;
  }
}

/** An instance's memory, and the room for requests in it. */
export interface Room {
  view: DataView;
  bytes: Uint8Array;
  base: number;
  end: number;
}

let view: DataView;
let bytes: Uint8Array;
let base = 0;
let end = 0;
/** Where what comes next is written, and where what nobody reads is. */
let next = 0;
let scratch = 0;
/** Whether unknown attributes are left out, and how many were. */
let lenient = false;
let ignored = 0;
let sensitive = false;
/** Whether the session has the level, which is computed. */
let level = false;
/** How many lists and objects are around the value at hand. */
let depth = 0;
/** Whether somebody has added to Object.prototype or Array.prototype. */
let polluted = false;

const utf8 = new TextEncoder();
const timeOf = Date.prototype.getTime;
const entriesOf = Map.prototype.entries;
const { getPrototypeOf, hasOwn, prototype } = Object;
const none: readonly never[] = [];

/** What the members of an object are. */
const attributes = 0;
const signals = 1;
const params = 2;

/** Begins a record whose fixed part has so many bytes, and presence so many words. */
export function begin(room: Room, size: number, words: number): void {
  ({ view, bytes, base, end } = room);
  scratch = base + size;
  next = scratch + 16;
  if (next > end) throw full;
  u32(base + recordPresence, 0);
  whole(base + recordKnown, 0);
  for (let w = 1; w < words; w++) u32(base + recordWords + 4 * (w - 1), 0);
  polluted = false;
  for (const _ in none) polluted = true;
}

export function writeNow([seconds, nanos]: NonNullable<Time>): void {
  whole(base + recordSeconds, seconds);
  whole(base + recordNanos, nanos);
}

export function writePosture(rank: number): void {
  u32(base + recordPosture, rank);
}

/** Writes the signals. It returns how many unknown ones, and attributes, were left out, which is an error if they may not be. */
export function writeSignals(plan: Plan, v: unknown, tolerant: boolean): number {
  lenient = tolerant;
  ignored = 0;
  writeAll(plan, v, signals, "signals");
  return ignored;
}

export function writeParams(plan: Plan, v: unknown): void {
  lenient = sensitive = false;
  writeAll(plan, v, params, "params");
}

function writeAll(plan: Plan, v: unknown, of: number, name: string): void {
  depth = 1;
  try {
    walk(plan, base, v, of);
  } catch (e) {
    throw under(e, name);
  }
}

/** A step of a JSON Pointer. */
export const pointer = (name: string | number): string => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Notes that what was refused is inside of something. */
function under(e: unknown, name: string | number): unknown {
  if (e instanceof Refusal) {
    if (e.outside) e.outside = false;
    else e.path = pointer(name) + e.path;
  }
  return e;
}

function refuse(message: string, outside = false): never {
  const e = new Refusal(message);
  e.outside = outside;
  throw e;
}

/** Refuses a value that is none of its type. */
function wrong(v: unknown, kind: string): never {
  const such = kind === "timestamp" ? ' such as "2026-11-20T12:00:00Z"' : kind === "duration" ? ' such as "90s"' : "";
  return refuse(`${came(v)} is no ${kind}${such}`);
}

function came(v: unknown): string {
  if (typeof v === "string" && !sensitive) return quote(v);
  if (typeof v === "object" && v !== null) return Array.isArray(v) ? "a list" : "an object";
  return v === null || v === undefined || (!sensitive && /^[bn]/.test(typeof v)) ? String(v).slice(0, 40) : `a ${typeof v}`;
}

/** A text of a request as messages show it: cut, and with escapes for what does not print or turns the text around. */
export const quote = (s: string): string =>
  JSON.stringify(s.length > 40 ? `${s.slice(0, 40)}…` : s).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

/** Orders texts by their bytes in UTF-8, which < does not: it has surrogates before U+E000 to U+FFFF. */
export function compare(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference) return difference;
  }
  return a.length - b.length;
}

const rank = (c: number): number => (c < 0xd800 ? c : c < 0xe000 ? c + 0x2000 : c - 0x800);

/** Whether an object is plain: 1 if it is so here, 2 in another realm, else 0. */
function plain(v: object): number {
  const p = getPrototypeOf(v);
  return p === prototype || p === null ? 1 : getPrototypeOf(p) === null && hasOwn(p, "isPrototypeOf") ? 2 : 0;
}

/** The members of a plain object, or of a Map whose keys are strings; undefined for all else. */
export function membersOf(v: unknown): [string, unknown][] | undefined {
  if (typeof v !== "object" || v === null) return undefined;
  const all = v instanceof Map ? [...entriesOf.call(v)] : plain(v) ? Object.entries(v) : undefined;
  return all?.every(([k]) => typeof k === "string") ? all : undefined;
}

/** Whether a value is a plain object, or a Map. */
export const isPlain = (v: unknown): boolean => typeof v === "object" && v !== null && (v instanceof Map || plain(v) > 0);

/** A member that an object has itself; undefined if it has none, or is none. */
export function memberOf(v: unknown, name: string): unknown {
  if (!isPlain(v)) return undefined;
  return v instanceof Map ? v.get(name) : hasOwn(v as object, name) ? (v as Record<string, unknown>)[name] : undefined;
}

/** Calls a function with the members of an object that is plain. */
export function visit(v: object, f: (name: string, v: unknown) => void): void {
  if (plain(v) === 1) for (const k in v) hasOwn(v, k) && f(k, (v as Record<string, unknown>)[k]);
  else for (const [k, x] of membersOf(v) ?? []) f(k, x);
}

/** Writes the members of an object. */
function walk(plan: Plan, origin: number, v: unknown, of: number): void {
  let i = 0;
  depth++;
  if (typeof v === "object" && v !== null && plain(v) === 1) {
    const { order } = plan;
    for (const k in v) {
      if (polluted && !hasOwn(v, k)) continue;
      const x = (v as Record<string, unknown>)[k];
      const f = order[i];
      member(plan, origin, k, x, f !== undefined && f.name === k ? f : find(plan, k, i), of);
      i++;
    }
  } else {
    for (const [k, x] of membersOf(v) ?? wrong(v, "plain object")) member(plan, origin, k, x, find(plan, k, i++), of);
  }
  depth--;
}

/** Finds a field by its name, and where it stands the next time. */
function find({ fields, order }: Plan, name: string, i: number): Field | undefined {
  const f = fields.get(name);
  if (f !== undefined && i <= order.length) order[i] = f;
  return f;
}

function member(plan: Plan, origin: number, name: string, v: unknown, f: Field | undefined, of: number): void {
  if (f === undefined) return unknown(plan, name, v, of);
  if (v === undefined) return;
  if (of === signals) {
    if (f.lazy >= 0) bit(base + recordKnown + 4 * (f.lazy >> 5), 1 << f.lazy);
    sensitive = f.sensitive;
    level = false;
  }
  if (v === null && of !== params && (of === signals || f.shape.kind !== "any")) return;
  try {
    if (f.inner !== undefined) walk(f.inner, base, v, attributes);
    else if (f.offset >= 0) put(f.shape, origin + f.offset, v);
    // A short text that nobody reads is not looked through.
    else if (typeof v !== "string" || v.length > 1e4 || f.shape.kind !== "string") {
      const before = next;
      put(f.shape, scratch, v);
      next = before;
    }
    if (f.word >= 0) bit(origin + f.word, f.mask);
    if (f.level) {
      if (of !== signals) level = true;
      else if (level) throw new Refusal("the level of a session is computed: nobody can send it", "/level");
    }
  } catch (e) {
    throw under(e, name);
  }
}

/** What the policy does not have is left out, or refused. */
function unknown({ name: of }: Plan, name: string, v: unknown, kind: number): void {
  if (kind === signals && name === "resource") {
    // The action has none.
    if (v === undefined || v === null) return;
  } else if (lenient) {
    ignored++;
    return;
  }
  if (sensitive && kind === attributes) refuse("an attribute is not declared");
  throw new Refusal(`${of ? `\`${of}\`` : "the policy"} has no ${quote(name)}`, pointer(name));
}

function bit(at: number, mask: number): void {
  view.setInt32(at, view.getInt32(at, true) | mask, true);
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
function take(at: number, n: number, align: number): number {
  const to = (next + align - 1) & -align;
  next = to + n;
  if (next > end) throw full;
  u32(at, to);
  return to;
}

function counted(at: number, n: number, max: number, size: number, align: number): number {
  limit(n, max);
  u32(at + 4, n);
  return take(at, n * size, align);
}

function limit(n: number, max: number): void {
  if (n > max) refuse(`there are ${n} entries; at most ${max} are allowed`);
}

/** Writes a value at an address. It recurs as deep as types do. */
function put(shape: Shape, at: number, v: unknown): void {
  const { kind } = shape;
  switch (kind) {
    case "string":
      return typeof v === "string" ? text(at, v) : wrong(v, kind);
    case "double":
      return double(at, v);
    case "bool":
      return typeof v === "boolean" ? view.setUint8(at, +v) : wrong(v, kind);
    case "timestamp": {
      const t = typeof v === "number" ? undefined : momentOf(v);
      if (t === undefined) return wrong(v, kind);
      whole(at, t[0]);
      return whole(at + 8, t[1]);
    }
    case "list":
      return list(shape, at, v);
    case "object": {
      const to = take(at, shape.plan.size, bodyAlign);
      bytes.fill(0, to, to + shape.plan.head);
      return walk(shape.plan, to, v, attributes);
    }
    case "map":
      return map(shape, at, v);
    case "int":
    case "uint":
      if (typeof v === "number" && Number.isInteger(v) && (kind === "int" || v >= 0) && Math.abs(v) <= maxWhole) return whole(at, v);
      return big(at, parseInteger(v, kind === "int") ?? wrong(v, kind));
    case "duration":
      return big(at, parseDuration(v) ?? wrong(v, kind));
    case "ip":
    case "cidr":
      return address(at, v, kind);
    case "bytes": {
      const raw = parseBytes(v) ?? wrong(v, kind);
      return bytes.set(raw, counted(at, raw.length, maxStringBytes, 1, 1));
    }
  }
  any(shape, at, v);
}

function any(shape: Shape, at: number, v: unknown): void {
  const tag = (n: number): number => {
    u32(at, n);
    return at + anyPayload;
  };
  if (typeof v === "string") return text(tag(anyString), v);
  if (typeof v === "boolean") return whole(tag(anyBool), +v);
  if (typeof v === "number" || v instanceof Number) return double(tag(anyDouble), v);
  if (v === null) tag(anyNull);
  else if (typeof v !== "object") wrong(v, "value of JSON");
  else if (depth >= maxNesting) refuse(`lists and objects are nested more than ${maxNesting} deep`, true);
  else if (Array.isArray(v)) list(shape, tag(anyList), v);
  else map(shape, tag(anyMap), v);
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
  if (/\p{Cs}/u.test(s)) refuse("the text has half of a surrogate pair");
  const { read, written } = utf8.encodeInto(s, bytes.subarray(to, Math.min(end, to + maxStringBytes)));
  if (read < s.length) {
    if (end - to < maxStringBytes + 4) throw full;
    refuse(`the string has more than ${maxStringBytes} bytes`);
  }
  next = to + written;
}

function double(at: number, v: unknown): void {
  // An object is what the reader of JSON makes of a number that is rounded to a whole one.
  const n = v instanceof Number ? +v : v;
  if (typeof n !== "number" || !Number.isFinite(n)) wrong(n, "double");
  view.setFloat64(at, n as number, true);
}

function big(at: number, n: bigint): void {
  view.setBigInt64(at, BigInt.asIntN(64, n), true);
}

/** The moment of a Date, of a text, or of milliseconds; undefined if it is none. */
export function momentOf(v: unknown): Time {
  if (typeof v === "string") return parseTimestamp(v);
  if (typeof v === "number") return ofMilliseconds(v);
  try {
    return ofMilliseconds(timeOf.call(v as Date));
  } catch {
    return undefined;
  }
}

function address(at: number, v: unknown, kind: string): void {
  let s = v;
  let n: string | undefined;
  if (typeof v === "string" && kind === "cidr") [, s, n] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(v) ?? [];
  const to = take(at, addressSize, 4);
  const from = to + addressBytes;
  if (typeof s !== "string" || !parseAddress(s, bytes, from)) return wrong(v, kind);
  const mapped = view.getUint32(from + 8, true) === 0xffff0000 && !view.getUint32(from + 4, true) && !view.getUint32(from, true);
  u32(to, mapped ? 4 : 6);
  if (n === undefined) return;
  const prefix = +n + (s.includes(":") ? 0 : 96);
  // A range that cuts through the ffff of mapped addresses has bits below its prefix, too.
  for (let i = 0; i < 16; i++) {
    if (prefix > 128 || bytes[from + i]! & (255 >> Math.min(8, Math.max(0, prefix - 8 * i)))) wrong(v, "address range, with no bits below its prefix");
  }
  bytes[to + addressPrefix] = prefix;
}

function list({ element, max }: Shape, at: number, v: unknown): void {
  if (!Array.isArray(v)) return wrong(v, "list");
  const n = v.length;
  const to = counted(at, n, max, element.size, element.align);
  depth++;
  for (let i = 0; i < n; i++) {
    try {
      put(element, to + i * element.size, polluted && !hasOwn(v, i) ? undefined : v[i]);
    } catch (e) {
      throw under(e, i);
    }
  }
  depth--;
}

function map({ element, max }: Shape, at: number, v: unknown): void {
  const all = (membersOf(v) ?? wrong(v, "plain object")).filter(([, x]) => x !== undefined);
  const n = all.length;
  limit(n, max);
  const head = take(at, mapSize, 4);
  u32(head, n);
  const keys = take(head + mapKeys, n * mapStride, 8);
  const values = take(head + mapValues, n * element.size, element.align);
  const places = new Map(
    all
      .map(([k]) => k)
      .sort(compare)
      .map((k, i) => [k, i]),
  );
  depth++;
  for (const [k, x] of all) {
    const i = places.get(k)!;
    text(keys + i * mapStride, k);
    try {
      put(element, values + i * element.size, x);
    } catch (e) {
      under(e, k);
      // Keys are data.
      if (sensitive && e instanceof Refusal) e.path = "";
      throw e;
    }
  }
  depth--;
}
