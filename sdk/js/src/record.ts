// Requests as records in a module's memory: docs/abi.md, "The record". What a request holds is held against the types on the way, all of it, in the order in
// which it stands: also what no rule reads.

import {
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
import { beyond, integer, inYears, maxWhole, parseBytes, parseCIDR, parseDuration, parseInteger, parseIP, parseTimestamp, Rounded } from "./values.ts";

/** What is thrown where a request has more than there is room for. */
export const full: unique symbol = Symbol("full");

/** What the members of an object are. */
const attributes = 0;
const signals = 1;
const params = 2;
type Of = typeof attributes | typeof signals | typeof params;

const utf8 = new TextEncoder();
const timeOf = Date.prototype.getTime;
const entriesOf = Map.prototype.entries;
const { getPrototypeOf, hasOwn, prototype } = Object;

/** What a value of a type is, for people. */
const wanted: Readonly<Record<string, string>> = {
  bool: "true or false",
  int: "a whole number (int)",
  uint: "a whole number (uint)",
  double: "a number",
  string: "a string",
  bytes: "bytes or base64",
  timestamp: 'a Date or a timestamp such as "2026-11-20T12:00:00Z"',
  duration: 'a duration such as "90s"',
  ip: "an IP address as a string",
  cidr: "an address range as a string",
  list: "a list",
  any: "a value as JSON has it",
};

/** A text of a request as messages show it: cut, and with escapes for what does not print or turns the text around. */
export function quote(s: string): string {
  const cut = s.length > 40 ? `${s.slice(0, 40)}…` : s;
  return JSON.stringify(cut).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}

/** Orders texts by their bytes in UTF-8, which < does not: it has surrogates before U+E000 to U+FFFF. */
export function compare(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference) return difference;
  }
  return a.length - b.length;
}

const rank = (c: number): number => (c < 0xd800 ? c : c < 0xe000 ? c + 0x2000 : c - 0x800);

const local = 1;
const foreign = 2;

/** Whether an object is plain, here or in another realm; 0 if it is not. */
function owner(v: object): 0 | typeof local | typeof foreign {
  const p = getPrototypeOf(v);
  return p === prototype || p === null ? local : getPrototypeOf(p) === null && hasOwn(p, "isPrototypeOf") ? foreign : 0;
}

/** Whether a value is a plain object, or a Map. */
export const isPlain = (v: unknown): v is object => typeof v === "object" && v !== null && (v instanceof Map || owner(v) > 0);

/** The members of a plain object or a Map; undefined for what is neither, and for a Map with other keys than strings. */
export function membersOf(v: unknown): [string, unknown][] | undefined {
  if (!isPlain(v)) return undefined;
  const all = v instanceof Map ? [...entriesOf.call(v)] : Object.entries(v);
  return all.every(([k]) => typeof k === "string") ? (all as [string, unknown][]) : undefined;
}

/** Writes records. It has the views of one instance's memory, which are set anew whenever that may have grown. */
export class Recorder {
  view!: DataView;
  bytes!: Uint8Array;
  /** The room: from base up to end. */
  base = 0;
  end = 0;
  /** Whether unknown signals and attributes are left out, and how many were. */
  lenient = true;
  ignored = 0;
  /** Why a request was refused, and where. */
  message = "";
  path = "";

  #next = 0;
  #scratch = 0;
  #lenient = false;
  #sensitive = false;
  #level = false;
  /** How many lists and objects are around the value at hand. */
  #depth = 0;
  /** Whether the place of what was refused is that of what is around it. */
  #outside = false;
  /** Whether somebody has added to Object.prototype, or Array.prototype. */
  #polluted = false;

  /** Begins a record of an action whose fixed part has so many bytes, and presence so many words. */
  begin(size: number, words: number): void {
    const { view, base } = this;
    this.#scratch = base + size;
    this.#next = base + size + 16;
    if (this.#next > this.end) throw full;
    view.setUint32(base + recordPosture, 0, true);
    view.setUint32(base + recordPresence, 0, true);
    view.setUint32(base + recordKnown, 0, true);
    view.setUint32(base + recordKnown + 4, 0, true);
    for (let w = 1; w < words; w++) view.setUint32(base + recordWords + 4 * (w - 1), 0, true);
    this.#polluted = false;
    for (const _ in [] as object) this.#polluted = true;
  }

  now(seconds: number, nanos: number): void {
    this.#whole(this.base + recordSeconds, seconds);
    this.#whole(this.base + recordNanos, nanos);
  }

  posture(rank: number): void {
    this.view.setUint32(this.base + recordPosture, rank, true);
  }

  signals(plan: Plan, v: unknown): boolean {
    this.#lenient = this.lenient;
    this.#depth = 1;
    return this.#walk(plan, this.base, v, signals) || this.#under("signals");
  }

  params(plan: Plan, v: unknown): boolean {
    this.#lenient = this.#sensitive = false;
    this.#depth = 1;
    return this.#walk(plan, this.base, v, params) || this.#under("params");
  }

  /** Notes why a request is refused. It returns false. */
  fail(message: string): false {
    this.message = message;
    this.path = "";
    return false;
  }

  /** Notes that what was refused is inside of something. */
  #under(name: string | number): false {
    if (this.#outside) this.#outside = false;
    else this.path = `/${String(name).replace(/[~/]/g, (c) => (c === "~" ? "~0" : "~1"))}${this.path}`;
    return false;
  }

  /** Notes that what was refused is inside of what the policy does not name: keys of a map are data. */
  #inside(name: string | number): false {
    if (this.#sensitive) this.path = "";
    else this.#under(name);
    return false;
  }

  #mismatch(kind: string, v: unknown): false {
    return this.fail(`expected ${wanted[kind] ?? "a plain object"}, got ${this.#came(v)}`);
  }

  #came(v: unknown): string {
    if (v === null || v === undefined) return String(v);
    if (Array.isArray(v)) return "a list";
    if (v instanceof Rounded) return this.#came(v.number);
    if (typeof v === "object") return "an object";
    if (this.#sensitive || typeof v === "function" || typeof v === "symbol") return `a ${typeof v}`;
    return typeof v === "string" ? quote(v) : String(v).slice(0, 40);
  }

  /** Notes that a value is of the right kind, and none of its type. */
  #bad(v: unknown, why: string): false {
    return this.fail(this.#sensitive ? "the value is not of its type" : `${this.#came(v)} is ${why}`);
  }

  /** Writes the members of an object. */
  #walk(plan: Plan, origin: number, v: unknown, of: Of): boolean {
    if (typeof v !== "object" || v === null) return this.#mismatch("object", v);
    this.#depth++;
    let i = 0;
    if (owner(v) === local) {
      const polluted = this.#polluted;
      for (const k in v) {
        if (polluted && !hasOwn(v, k)) continue;
        if (!this.#member(plan, origin, k, (v as Record<string, unknown>)[k], i++, of)) return false;
      }
      this.#depth--;
      return true;
    }
    const members = membersOf(v);
    if (!members) return this.#mismatch("object", v);
    for (const [k, x] of members) if (!this.#member(plan, origin, k, x, i++, of)) return false;
    this.#depth--;
    return true;
  }

  #member(plan: Plan, origin: number, name: string, v: unknown, i: number, of: Of): boolean {
    let f = plan.order[i];
    if (f === undefined || f.name !== name) {
      f = plan.fields.get(name);
      if (f === undefined) return this.#unknown(plan, name, v, of);
      if (i <= plan.order.length && i < plan.fields.size) plan.order[i] = f;
    }
    if (v === undefined) return true;
    if (of === signals) {
      if (f.lazy >= 0) this.#bit(this.base + recordKnown + 4 * (f.lazy >> 5), 1 << (f.lazy & 31));
      this.#sensitive = f.sensitive;
      this.#level = false;
    }
    if (v === null && of !== params && (of === signals || f.shape.kind !== "any")) return true;
    if (!this.#field(f, origin, v)) return this.#under(name);
    if (of === signals && this.#level && name === "session") return this.fail("the level of a session is computed; nobody can send it") || this.#under("level") || this.#under(name);
    return true;
  }

  #unknown(plan: Plan, name: string, v: unknown, of: Of): boolean {
    if (of === signals && name === "resource") {
      // The action declares none.
      if (v === undefined || v === null) return true;
    } else if (this.#lenient) {
      this.ignored++;
      return true;
    }
    if (this.#sensitive && of === attributes) return this.fail("an attribute is not declared");
    this.fail(`${plan.name ? `\`${plan.name}\` has` : "the policy declares"} no ${quote(name)}`);
    return this.#under(name);
  }

  /** Writes a value, or what is inside of it, in its places. What has none is written where nobody reads it. */
  #field(f: Field, origin: number, v: unknown): boolean {
    if (f.computed) this.#level = true;
    if (f.inner !== undefined) {
      if (!this.#walk(f.inner, this.base, v, attributes)) return false;
    } else if (f.offset >= 0) {
      if (!this.#put(f.shape, origin + f.offset, v)) return false;
    } else {
      const next = this.#next;
      if (!this.#put(f.shape, this.#scratch, v)) return false;
      this.#next = next;
    }
    if (f.word >= 0) this.#bit(origin + f.word, f.mask);
    return true;
  }

  #bit(at: number, mask: number): void {
    this.view.setInt32(at, this.view.getInt32(at, true) | mask, true);
  }

  /** Writes a value at an address. It recurs as deep as types do. */
  #put(shape: Shape, at: number, v: unknown): boolean {
    switch (shape.kind) {
      case "string":
        return typeof v === "string" ? this.#text(at, v) : this.#mismatch("string", v);
      case "double":
        return this.#double(at, v);
      case "bool":
        if (typeof v !== "boolean") return this.#mismatch("bool", v);
        this.view.setUint8(at, v ? 1 : 0);
        return true;
      case "timestamp":
        return this.#timestamp(at, v);
      case "list":
        return this.#list(shape, at, v);
      case "int":
      case "uint":
        return this.#integer(shape.kind, at, v);
      case "object":
        return this.#object(shape.plan, at, v);
      case "map":
        return this.#map(shape, at, v);
      case "duration":
        return this.#big(at, v, typeof v === "bigint" ? integer(v, true) : typeof v === "string" ? parseDuration(v) : undefined, "duration");
      case "ip":
      case "cidr":
        return this.#address(shape.kind, at, v);
      case "bytes":
        return this.#raw(at, v);
    }
    return this.#any(shape, at, v);
  }

  #any(shape: Shape, at: number, v: unknown): boolean {
    const tag = (n: number): number => {
      this.view.setUint32(at, n, true);
      return at + anyPayload;
    };
    if (typeof v === "string") return this.#text(tag(anyString), v);
    if (typeof v === "boolean") return this.#whole(tag(anyBool), v ? 1 : 0);
    if (typeof v === "number" || v instanceof Rounded) return this.#double(tag(anyDouble), v);
    if (typeof v !== "object") return this.#mismatch("any", v);
    if (v === null) return tag(anyNull) > 0;
    if (this.#depth >= maxNesting) {
      this.#outside = true;
      return this.fail(`lists and objects are nested more than ${maxNesting} deep`);
    }
    return Array.isArray(v) ? this.#list(shape, tag(anyList), v) : this.#map(shape, tag(anyMap), v);
  }

  #take(n: number, align: number): number {
    const at = (this.#next + align - 1) & -align;
    this.#next = at + n;
    if (this.#next > this.end) throw full;
    return at;
  }

  /** Writes a text, or bytes, by its address and length. */
  #span(at: number, to: number, n: number): true {
    this.view.setUint32(at, to, true);
    this.view.setUint32(at + 4, n, true);
    return true;
  }

  #text(at: number, s: string): boolean {
    const n = s.length;
    const to = this.#next;
    if (n > 100 || to + n > this.end) return this.#long(at, s);
    const { bytes } = this;
    for (let i = 0; i < n; i++) {
      const c = s.charCodeAt(i);
      if (c > 127) return this.#long(at, s);
      bytes[to + i] = c;
    }
    this.#next = to + n;
    return this.#span(at, to, n);
  }

  /** Writes a text that is long, or not of ASCII alone. */
  #long(at: number, s: string): boolean {
    if (s.length > maxStringBytes) return this.fail(`the string has more than ${maxStringBytes} bytes`);
    if (/\p{Cs}/u.test(s)) return this.fail("the text has half of a surrogate pair");
    const to = this.#next;
    const { read, written } = utf8.encodeInto(s, this.bytes.subarray(to, this.end));
    if (read < s.length) throw full;
    if (written > maxStringBytes) return this.fail(`the string has ${written} bytes; at most ${maxStringBytes} are allowed`);
    this.#next = to + written;
    return this.#span(at, to, written);
  }

  #double(at: number, v: unknown): boolean {
    const n = v instanceof Rounded ? v.number : v;
    if (typeof n !== "number") return this.#mismatch("double", v);
    if (!Number.isFinite(n)) return this.#bad(n, "beyond the range of double");
    this.view.setFloat64(at, n, true);
    return true;
  }

  /** Writes a whole number of up to 2^53 in magnitude. */
  #whole(at: number, n: number): true {
    this.view.setUint32(at, n >>> 0, true);
    this.view.setInt32(at + 4, Math.floor(n / 0x1_0000_0000), true);
    return true;
  }

  #integer(kind: "int" | "uint", at: number, v: unknown): boolean {
    const signed = kind === "int";
    if (v instanceof Rounded) return this.#bad(v, "not a whole number that is told exactly");
    if (typeof v !== "number") {
      return this.#big(at, v, typeof v === "bigint" ? integer(v, signed) : typeof v === "string" ? parseInteger(v, signed) : undefined, kind);
    }
    if (!Number.isInteger(v)) return this.#bad(v, "not a whole number");
    if (Math.abs(v) > maxWhole) return this.#bad(v, "beyond 2^53, where numbers are rounded; pass a bigint or a string");
    return v < 0 && !signed ? this.#bad(v, "below the range of uint") : this.#whole(at, v);
  }

  #big(at: number, v: unknown, n: bigint | string | undefined, kind: string): boolean {
    if (n === undefined) return this.#mismatch(kind, v);
    if (typeof n === "string") return this.#bad(v, n);
    this.view.setBigInt64(at, BigInt.asIntN(64, n), true);
    return true;
  }

  #timestamp(at: number, v: unknown): boolean {
    const t = moment(v);
    if (t === undefined) return this.#mismatch("timestamp", v);
    if (typeof t === "string") return this.#bad(v, t);
    this.#whole(at, t[0]);
    return this.#whole(at + 8, t[1]);
  }

  #address(kind: "ip" | "cidr", at: number, v: unknown): boolean {
    if (typeof v !== "string") return this.#mismatch(kind, v);
    const body = kind === "ip" ? parseIP(v) : parseCIDR(v);
    if (typeof body === "string") return this.#bad(v, body);
    const to = this.#take(body.length, 4);
    this.bytes.set(body, to);
    this.view.setUint32(at, to, true);
    return true;
  }

  #raw(at: number, v: unknown): boolean {
    const raw = typeof v === "string" ? parseBytes(v) : v;
    if (typeof raw === "string") return this.#bad(v, raw);
    if (!(raw instanceof Uint8Array)) return this.#mismatch("bytes", v);
    if (raw.length > maxStringBytes) return this.fail(`there are ${raw.length} bytes; at most ${maxStringBytes} are allowed`);
    const to = this.#take(raw.length, 1);
    this.bytes.set(raw, to);
    return this.#span(at, to, raw.length);
  }

  #counted(n: number, max: number): boolean {
    return n <= max || this.fail(`there are ${n} entries; at most ${max} are allowed`);
  }

  #list(shape: Shape, at: number, v: unknown): boolean {
    if (!Array.isArray(v)) return this.#mismatch("list", v);
    const n = v.length;
    if (!this.#counted(n, shape.max)) return false;
    const { element } = shape;
    const to = this.#take(n * element.size, element.align);
    this.#span(at, to, n);
    this.#depth++;
    for (let i = 0; i < n; i++) {
      const e: unknown = this.#polluted && !hasOwn(v, i) ? undefined : v[i];
      if (!this.#put(element, to + i * element.size, e)) return this.#under(i);
    }
    this.#depth--;
    return true;
  }

  #object(plan: Plan, at: number, v: unknown): boolean {
    const to = this.#take(plan.size, bodyAlign);
    this.bytes.fill(0, to, to + 4 * plan.words);
    this.view.setUint32(at, to, true);
    return this.#walk(plan, to, v, attributes);
  }

  #map({ element, max }: Shape, at: number, v: unknown): boolean {
    const members = membersOf(v);
    if (!members) return this.#mismatch("object", v);
    const all = members.filter(([, x]) => x !== undefined);
    const n = all.length;
    if (!this.#counted(n, max)) return false;
    const head = this.#take(mapSize, 4);
    const keys = this.#take(n * mapStride, 8);
    const values = this.#take(n * element.size, element.align);
    this.view.setUint32(at, head, true);
    this.view.setUint32(head, n, true);
    this.view.setUint32(head + mapKeys, keys, true);
    this.view.setUint32(head + mapValues, values, true);
    const places = new Map(all.map(([k]) => k).sort(compare).map((k, i) => [k, i]));
    this.#depth++;
    for (const [k, x] of all) {
      const i = places.get(k)!;
      if (!this.#text(keys + i * mapStride, k)) return false;
      if (!this.#put(element, values + i * element.size, x)) return this.#inside(k);
    }
    this.#depth--;
    return true;
  }
}

/** The seconds and nanoseconds of a Date or text, or why it is none; undefined if it is neither. */
export function moment(v: unknown): readonly [seconds: number, nanos: number] | string | undefined {
  if (typeof v === "string") return parseTimestamp(v);
  if (typeof v !== "object" || v === null) return undefined;
  let ms: number;
  try {
    ms = timeOf.call(v as Date);
  } catch {
    return undefined;
  }
  return ofMilliseconds(ms);
}

/** The seconds and nanoseconds of milliseconds since 1970, or why there are none. */
export function ofMilliseconds(ms: number): readonly [seconds: number, nanos: number] | string {
  const seconds = Math.floor(ms / 1000);
  return inYears(seconds) ? [seconds, Math.floor((ms - seconds * 1000) * 1e6)] : beyond;
}
