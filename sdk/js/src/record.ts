// Requests as records in a module's memory: docs/abi.md, "The record". What a request holds is held against the types on the way, all of it, in the order in
// which it stands: also what no rule reads. Each value is read once, so what was held against its type is what is written.
//
// Decisions are taken one at a time, so the state of writing one is that of this file, and short of `begin` nobody sees it.

import {
  addressBytes,
  addressSize,
  anyBool,
  anyDouble,
  anyList,
  anyMap,
  anyNull,
  anyPayload,
  anyString,
  bodyAlign,
  firstSecond,
  lastSecond,
  mapKeys,
  mapSize,
  mapStride,
  mapValues,
  maxNesting,
  maxStringBytes,
} from "./abi.ts";
import { aligned, before, type Plan } from "./schema.ts";
import { parseAddress, parseBytes, parseDuration, parseInteger, parseTimestamp } from "./values.ts";

/** What is thrown where a request has more than there is room for. */
export const full: unique symbol = Symbol();

/** Stands for the value of a member that is an accessor. It is of no type. */
const accessor = Symbol();

/** Why a request is refused. */
export class Refusal extends Error {}

/** An instance's memory, and the room for requests in it: a record begins at its base. */
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
/** Where what comes next is written. */
let next: number;
/** The posture. */
export let posture: string;
let ranks: ReadonlyMap<string, number>;
/** Whether the request says when it is. */
export let timed: boolean;
/** How many unknown signals and attributes were left out. */
export let ignored: number;
/** Whether they are refused, and accessors. */
let strict: boolean | undefined;
/** The path to the value at hand, and how long it is, which is how many lists and objects are around. What comes after a step that is not there is data, and not shown. */
const trail: (string | number | undefined)[] = [];
let depth: number;

const utf8 = new TextEncoder();
const timeOf = Date.prototype.getTime;
const { getPrototypeOf, prototype } = Object;
const { hasOwnProperty: has } = prototype;

/** Begins a record whose fixed part has so many bytes. */
export function begin(room: Room, size: number, known: ReadonlyMap<string, number>, rigid?: boolean): void {
  ({ view, bytes, base, end } = room);
  next = base - before;
  take(before + size, 1);
  ranks = known;
  posture = "normal";
  strict = rigid;
  timed = false;
  ignored = 0;
}

/** Writes a value by itself, which has so many lists and objects around it, and is a param or of a signal. */
export function putAlone(f: Plan, at: number, v: unknown, around: number, param: boolean): void {
  depth = around;
  trail[0] = param ? "params" : "signals";
  put(f, at, v);
}

/** Writes a request, or members of it; not those that are undefined. */
export function writeRequest(request: Plan, v: unknown): void {
  depth = 0;
  put(request, base, v);
}

/** A step of a JSON Pointer. */
export const pointer = (name: string | number): string => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** The path to the value at hand. */
export function place(): string {
  let path = "";
  for (let i = 0; i < depth && trail[i] !== undefined; i++) path += pointer(trail[i]!);
  return path;
}

function refuse(message: string): never {
  throw new Refusal(message);
}

/** A text of a request as messages show it: its beginning, with escapes for what does not print or turns the text around. */
export const quote = (s: string): string => JSON.stringify(s.slice(0, 40)).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

/** What a value is called, and in an any, what it is. */
const kindOf = (v: unknown): string => (v === null ? "null" : Array.isArray(v) ? "list" : v instanceof Number ? "number" : isObject(v) ? "map" : typeof v);

/** The tags of an any. */
const tags: Readonly<Record<string, number>> = { null: anyNull, boolean: anyBool, number: anyDouble, string: anyString, list: anyList, map: anyMap };

/** Whether a value is a plain object, of any realm, or a Map. */
export function isObject(v: unknown): v is object {
  if (Object(v) !== v) return false;
  const p = getPrototypeOf(v);
  return p === prototype || p === null || v instanceof Map || getPrototypeOf(p) === null;
}

/** Reads what a list or plain object has itself. Where accessors are refused, it runs none. */
const read = (v: object, name: string | number, rigid?: boolean): unknown =>
  !has.call(v, name) ? undefined : rigid && !has.call(Object.getOwnPropertyDescriptor(v, name), "value") ? accessor : (v as Readonly<Record<string, unknown>>)[name];

/** Reads a member of an object. */
const memberOf = (v: object, name: string, rigid?: boolean): unknown => (v instanceof Map ? v.get(name) : read(v, name, rigid));

/** The action that a request is about. */
export function actionOf(request: unknown): string {
  depth = 0;
  if (!isObject(request)) refuse("it is no object");
  trail[depth++] = "action";
  const name = memberOf(request, "action");
  return typeof name === "string" ? name : refuse("it is no string");
}

/** Writes the members of an object. */
function walk(plan: Plan, origin: number, v: object): void {
  const here = depth++;
  if (v instanceof Map) for (const k of v.keys()) step(plan, origin, v, k);
  else for (const k in v) step(plan, origin, v, k);
  depth = here;
  if (bytes[base - before] && depth === 2) {
    trail[depth++] = "level";
    refuse("it is computed");
  }
}

/** Writes a member of an object, unless it is undefined. */
function step(plan: Plan, origin: number, from: object, name: string): void {
  const f = plan.fields.get(name);
  // Names in a sensitive signal may be data.
  trail[depth - 1] = f || !plan.sensitive ? name : undefined;
  const v = memberOf(from, name, strict);
  if (v === undefined) return;
  if (!f) {
    if (strict || trail[0] !== "signals") refuse("it is not declared");
    ignored++;
    return;
  }
  set(base, f.lazy);
  // What is null says that it is missing, where that may be: not of what is the host's, and not where it is a value.
  if (v === null && (depth < 3 ? depth > 1 && trail[0] === "signals" : f.kind !== "any")) return;
  const here = next;
  put(f, origin + f.offset, v);
  if (f.offset < 0 && f.kind !== "object") next = here;
  set(origin, f.bit);
}

/** Sets a bit. */
function set(origin: number, bit: number): void {
  bytes[origin + (bit >> 3)]! |= 1 << (bit & 7);
}

function u32(at: number, n: number): void {
  view.setUint32(at, n, true);
}

/** Takes n bytes of memory, which are 0. */
function take(n: number, size: number): number {
  const to = aligned(next, size);
  next = to + n;
  if (next > end) throw full;
  bytes.fill(0, to, next);
  return to;
}

function limit(n: number, max: number): void {
  if (n > max) refuse(`${n} is over ${max}`);
}

/** Writes the address of so many elements that are to be written, and their number, and returns it. */
function counted(at: number, n: number, max: number, size: number): number {
  if (depth >= maxNesting) {
    depth--;
    refuse("nested too deep");
  }
  limit(n, max);
  const to = take(n * size, size);
  u32(at, to);
  u32(at + 4, n);
  return to;
}

/** Writes a value at an address. It recurs as deep as types do. */
export function put(f: Plan, at: number, v: unknown, kind: string = f.kind): void {
  switch (kind) {
    case "string":
      if (typeof v === "string") return text(at, v);
      break;
    case "bool":
    case "boolean":
      if (typeof v === "boolean") return view.setUint8(at, +v);
      break;
    case "double":
    case "number": {
      // An object is what the reader of JSON makes of one that is rounded to a whole number.
      const n = v instanceof Number ? +v : v;
      if (Number.isFinite(n)) return view.setFloat64(at, n as number, true);
      break;
    }
    case "timestamp":
    case "moment":
      timed ||= depth < 2;
      if (moment(at, v, kind)) return;
      break;
    case "int":
    case "uint":
    case "duration": {
      const n = kind !== "duration" || typeof v === "bigint" ? parseInteger(v, kind !== "uint") : typeof v === "string" ? parseDuration(v) : undefined;
      if (n !== undefined) return view.setBigInt64(at, n, true);
      break;
    }
    case "posture": {
      const rank = ranks.get(v as string);
      if (rank === undefined) break;
      posture = v as string;
      return u32(at, rank);
    }
    case "list":
      if (Array.isArray(v)) return list(f, at, v);
      break;
    case "map":
      if (isObject(v)) return map(f, at, v);
      break;
    case "object":
      if (!isObject(v)) break;
      if (f.body) u32(at, take(f.body, bodyAlign));
      return walk(f, f.body ? next - f.body : base, v);
    case "ip":
    case "cidr":
      if (typeof v === "string" && address(at, v, kind)) return;
      break;
    case "bytes": {
      const raw = parseBytes(v);
      if (raw) return bytes.set(raw, counted(at, raw.length, maxStringBytes, 1));
      break;
    }
    case "any": {
      const what = kindOf(v);
      const tag = tags[what];
      if (tag === undefined) break;
      bytes.fill(0, at, at + f.size);
      u32(at, tag);
      return put(f, at + anyPayload, v, what);
    }
    case "null":
      return;
  }
  refuse(`${kindOf(v)} is no ${kind === "object" ? "plain object" : kind}`);
}

function text(at: number, s: string): void {
  let n = 0;
  limit(s.length, maxStringBytes);
  for (let c: number; n < s.length && next + n < end && (c = s.charCodeAt(n)) < 128; n++) bytes[next + n] = c;
  // It is not of ASCII alone, or there is no room for it.
  if (n < s.length) {
    if (/\p{Cs}/u.test(s)) refuse("a lone surrogate");
    const { read, written } = utf8.encodeInto(s, bytes.subarray(next, end));
    if (read < s.length) throw full;
    limit((n = written), maxStringBytes);
  }
  u32(at, next);
  u32(at + 4, n);
  next += n;
}

/** Writes the moment of a Date, of a text, or of milliseconds, where that is the host's; false if it is none. It throws at what is no Date. */
function moment(at: number, v: unknown, kind: string): boolean {
  const [ms, nanos] = typeof v === "string" ? parseTimestamp(v) : [kind === "moment" && typeof v === "number" ? v : timeOf.call(v as Date)];
  const seconds = Math.floor(ms / 1e3);
  u32(at, seconds);
  u32(at + 4, Math.floor(seconds / 2 ** 32));
  u32(at + 8, nanos ?? (ms - seconds * 1e3) * 1e6);
  return seconds >= firstSecond && seconds <= lastSecond;
}

/** Writes an address, or a range of them, whose prefix is counted in 128 bits. */
function address(at: number, s: string, kind: string): boolean {
  const [, host = s, length] = (kind === "cidr" && /^(.*)\/(.*)$/.exec(s)) || [];
  const n = parseAddress(host);
  const prefix = kind === "ip" ? 0 : Number(parseInteger(length, false)) + (host.includes(":") ? 0 : 96);
  if (n === undefined || !(prefix <= 128) || (length && BigInt.asUintN(128 - prefix, n))) return false;
  const to = take(addressSize, 4);
  u32(at, to);
  u32(to, (n >> 32n === 0xffffn ? 4 : 6) + 256 * prefix);
  view.setBigInt64(to + addressBytes, n >> 64n);
  view.setBigInt64(to + addressBytes + 8, n);
  return true;
}

function list({ element, max }: Plan, at: number, v: readonly unknown[]): void {
  // A Proxy of an array says of its length what it likes.
  const n = v.length >>> 0;
  const to = counted(at, n, max, element.size);
  for (let i = 0; i < n; i++) within(element, to, i, i, read(v, i, strict));
}

/** Writes an element of a list or map, to its place. */
function within(element: Plan, to: number, i: number, step: string | number | undefined, v: unknown): void {
  trail[depth++] = step;
  put(element, to + i * element.size, v);
  depth--;
}

function map({ element, max, sensitive }: Plan, at: number, v: object): void {
  const all = Array.from<string, [string, unknown]>(v instanceof Map ? v.keys() : Object.keys(v), (k) => [k, memberOf(v, k, strict)]).filter(([k, x]) =>
    typeof k === "string" ? x !== undefined : refuse("it is no string"),
  );
  const n = all.length;
  const head = take(mapSize, 4);
  u32(at, head);
  // The number stands elsewhere than in a list: what follows is written after it.
  const keys = counted(head + mapKeys, n, max, mapStride);
  u32(head, n);
  const values = take(n * element.size, element.size);
  u32(head + mapValues, values);
  const places = new Map(
    all
      .map(([k]) => k)
      .sort((a, b) => (ranked(a) < ranked(b) ? -1 : 1))
      .map((k, i) => [k, i]),
  );
  for (const [k, i] of places) text(keys + i * mapStride, k);
  // Keys are data.
  for (const [k, x] of all) within(element, values, places.get(k)!, sensitive ? undefined : k, x);
}

/** A text that is ordered among others as its bytes in UTF-8 are: < has surrogates before U+E000 to U+FFFF. */
const ranked = (s: string): string => s.replace(/[\ue000-\uffff]/g, "\ud7ff$&");
