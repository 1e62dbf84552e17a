// The strict reader of requests' JSON: docs/language.md, "The request's JSON". JSON.parse takes the last of two equal names, rounds integers, lets halves of
// surrogate pairs through, and has no limits.

import { maxNesting, maxRequestBytes, maxStringBytes } from "./abi.ts";
import { maxWhole } from "./values.ts";

/** What is wrong with a text, and where; of one that is not JSON there is no place. */
export interface Flaw {
  readonly message: string;
  readonly path?: readonly (string | number)[];
}

/** A list or object that is open. */
interface Frame {
  readonly list: unknown[] | undefined;
  readonly map: Map<string, unknown> | undefined;
  name: string;
  twice: boolean;
}

const simple = /"[^"\\\0-\x1f]*"/y;
const escaped = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const words = new Map([
  ["t", true],
  ["f", false],
  ["n", null],
]);

/** The length of a text in bytes, if that may be more than so many. */
const longer = (s: string, most: number): boolean => s.length > most || (s.length * 3 > most && new TextEncoder().encode(s).length > most);

/** Reads a text: null, booleans, numbers (one that is rounded to a whole number as an object), strings, arrays, and a Map for every object, so that all names are but names. Its grammar comes before its flaws, the first of which counts. */
export function read(text: string | Uint8Array): { readonly value: unknown } | Flaw {
  const s = typeof text === "string" ? text : decode(text);
  if (s === undefined || longer(s, maxRequestBytes)) return { message: `the request has more than ${maxRequestBytes} bytes` };
  return new Scanner(s).scan();
}

/** The text of bytes, in which what is not UTF-8 is half of a surrogate pair, within the same string. */
function decode(bytes: Uint8Array): string | undefined {
  if (bytes.length > maxRequestBytes) return undefined;
  const strict = (b: Uint8Array): string => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(b);
  try {
    return strict(bytes);
  } catch {
    const parts: string[] = [];
    for (let from = 0; from <= bytes.length; ) {
      const quote = bytes.indexOf(0x22, from);
      const part = bytes.subarray(from, quote < 0 ? bytes.length : quote);
      try {
        parts.push(strict(part));
      } catch {
        parts.push(`${new TextDecoder("utf-8", { ignoreBOM: true }).decode(part)}\ud800`);
      }
      from = quote < 0 ? bytes.length + 1 : quote + 1;
    }
    return parts.join('"');
  }
}

/** It does not recur: a text may be nested as deep as it is long. */
class Scanner {
  readonly #text: string;
  readonly #stack: Frame[] = [];
  #at = 0;
  #flaw: Flaw | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): { readonly value: unknown } | Flaw {
    for (;;) {
      let v = this.#value();
      if (v === open) continue;
      for (;;) {
        if (v === wrong) return { message: `the request is not JSON: see character ${this.#at}` };
        const top = this.#stack.at(-1);
        if (!top) {
          if (this.#space() === "") return this.#flaw ?? { value: v };
          v = wrong;
          continue;
        }
        if (top.list) top.list.push(v);
        else top.map!.set(top.name, v);
        const c = this.#space();
        if (c === ",") {
          this.#at++;
          this.#space();
          if (!top.map || this.#name(top)) break;
          v = wrong;
        } else v = c === (top.map ? "}" : "]") ? this.#close() : wrong;
      }
    }
  }

  /** Skips white space; the character behind it, "" at the end. */
  #space(): string {
    let c = this.#text.charAt(this.#at);
    while (c === " " || c === "\n" || c === "\r" || c === "\t") c = this.#text.charAt(++this.#at);
    return c;
  }

  /** Reads a value, or its beginning if it is a list or object with something in it. */
  #value(): unknown {
    const c = this.#space();
    if (c === '"') return this.#string(false);
    if (c === "[" || c === "{") return this.#open(c === "{");
    const word = words.get(c);
    if (word !== undefined) {
      const text = String(word);
      if (!this.#text.startsWith(text, this.#at)) return wrong;
      this.#at += text.length;
      return word;
    }
    return this.#number();
  }

  #open(object: boolean): unknown {
    if (this.#stack.length === maxNesting) this.#note(`lists and objects are nested more than ${maxNesting} deep`, 1);
    const top: Frame = { list: object ? undefined : [], map: object ? new Map() : undefined, name: "", twice: false };
    this.#stack.push(top);
    this.#at++;
    const c = this.#space();
    if (c === (object ? "}" : "]")) return this.#close();
    return !object || this.#name(top) ? open : wrong;
  }

  #close(): unknown {
    const top = this.#stack.at(-1)!;
    this.#at++;
    if (top.twice) this.#note("the object has a name twice", 1);
    this.#stack.pop();
    return top.list ?? top.map;
  }

  /** Reads a member's name and colon. */
  #name(top: Frame): boolean {
    const name = this.#string(true);
    if (typeof name !== "string" || this.#space() !== ":") return false;
    this.#at++;
    top.twice ||= top.map!.has(name);
    top.name = name;
    return true;
  }

  #string(name: boolean): unknown {
    simple.lastIndex = escaped.lastIndex = this.#at;
    const plain = simple.exec(this.#text)?.[0];
    const text = plain ?? escaped.exec(this.#text)?.[0];
    if (text === undefined) return wrong;
    this.#at += text.length;
    const s = plain ? plain.slice(1, -1) : (JSON.parse(text) as string);
    if (/\p{Cs}/u.test(s)) this.#note("the text has half of a surrogate pair, or is not UTF-8", name ? 1 : 0);
    if (longer(s, maxStringBytes)) this.#note(`the string has more than ${maxStringBytes} bytes`, name ? 1 : 0);
    return s;
  }

  #number(): unknown {
    number.lastIndex = this.#at;
    const text = number.exec(this.#text)?.[0];
    if (text === undefined) return wrong;
    this.#at += text.length;
    const n = Number(text);
    return text.length < 16 && /^-?\d+$/.test(text) ? n : Number.isInteger(n) && Math.abs(n) <= maxWhole && !isExact(text, n) ? Object(n) : n;
  }

  /** Notes the first flaw: of the value that comes next, or of what is around it. */
  #note(message: string, around: number): void {
    const inner = this.#stack.slice(0, this.#stack.length - around);
    this.#flaw ??= { message, path: inner.map(({ list, name }) => (list ? list.length : name)) };
  }
}

const open = Symbol("open");
const wrong = Symbol("wrong");

/** Whether the text of a number says exactly this whole number. */
function isExact(text: string, n: number): boolean {
  const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  let from = 0;
  let to = digits.length;
  while (from < to && digits[from] === "0") from++;
  while (to > from && digits[to - 1] === "0") to--;
  if (from === to) return true;
  const zeros = Number(exponent) - fraction.length + digits.length - to;
  return zeros >= 0 && to - from + zeros < 17 && BigInt(digits.slice(from, to) + "0".repeat(zeros)) === BigInt(Math.abs(n));
}
