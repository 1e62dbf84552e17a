// The strict reader of requests' JSON: docs/language.md, "The request's JSON". JSON.parse takes the last of two equal names, rounds integers, lets halves of
// surrogate pairs through, and has no limits.

import { maxNesting, maxRequestBytes, maxStringBytes } from "./abi.ts";
import { maxWhole } from "./values.ts";

/** What is wrong with a text, and where; of one that is not JSON there is no place. */
export interface Flaw {
  readonly message: string;
  readonly path?: readonly (string | number)[];
}

/** A list or object that is open: what is in it so far, the name whose value comes next, and whether one has come twice. */
interface Frame {
  readonly all: unknown[] | Map<unknown, unknown>;
  name: string | undefined;
  twice: boolean;
}

const { isArray } = Array;

/** What there is in a text that is JSON, but for white space, commas and colons. */
const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,:[\]{}"]+/g;

/** The length of a text in bytes, if that may be more than so many. */
const longer = (s: string, most: number): boolean => s.length > most || (s.length * 3 > most && new TextEncoder().encode(s).length > most);

/**
 * Reads a text: null, booleans, numbers (one that is rounded to a whole number as an object), strings, arrays, and a Map for every object, so that all names are but names. Its grammar,
 * which is that of JSON.parse, comes before its flaws, the first of which counts. It does not recur: a text may be nested as deep as it is long.
 */
export function read(text: string | Uint8Array): { readonly value: unknown } | Flaw {
  if (typeof text !== "string" && !ArrayBuffer.isView(text)) return { message: "the request is no text" };
  const s = typeof text === "string" ? text : decode(text);
  if (s === undefined || longer(s, maxRequestBytes)) return { message: `the request has more than ${maxRequestBytes} bytes` };
  try {
    JSON.parse(s);
  } catch {
    return { message: "the request is not JSON" };
  }
  const stack: Frame[] = [];
  let flaw: Flaw | undefined;
  const note = (message: string, around: number): void => {
    flaw ??= { message, path: stack.slice(0, stack.length - around).map(({ all, name }) => (isArray(all) ? all.length : name!)) };
  };
  let v: unknown;
  for (const [token] of s.matchAll(tokens)) {
    const c = token[0]!;
    if (c === "[" || c === "{") {
      if (stack.length === maxNesting) note(`lists and objects are nested more than ${maxNesting} deep`, 1);
      stack.push({ all: c === "[" ? [] : new Map(), name: undefined, twice: false });
      continue;
    }
    if (c === "]" || c === "}") {
      const { all, twice } = stack.pop()!;
      if (twice) note("the object has a name twice", 0);
      v = all;
    } else v = c === '"' ? JSON.parse(token) : scalar(token);
    const top = stack.at(-1);
    const isName = top && !isArray(top.all) && top.name === undefined;
    if (c === '"') {
      if (/\p{Cs}/u.test(v as string)) note("the text has half of a surrogate pair, or is not UTF-8", isName ? 1 : 0);
      if (longer(v as string, maxStringBytes)) note(`the string has more than ${maxStringBytes} bytes`, isName ? 1 : 0);
    }
    if (!top) continue;
    if (isArray(top.all)) top.all.push(v);
    else if (isName) {
      top.twice ||= top.all.has(v);
      top.name = v as string;
    } else {
      top.all.set(top.name, v);
      top.name = undefined;
    }
  }
  return flaw ?? { value: v };
}

/** A number, or a word. */
function scalar(text: string): unknown {
  const n = JSON.parse(text) as unknown;
  return typeof n === "number" && !/^-?\d{1,15}$/.test(text) && Number.isInteger(n) && Math.abs(n) <= maxWhole && !isExact(text, n) ? Object(n) : n;
}

/** The text of bytes, in which what is not UTF-8 is half of a surrogate pair. */
function decode(bytes: Uint8Array): string | undefined {
  if (bytes.length > maxRequestBytes) return undefined;
  const text = (fatal: boolean): string => new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(bytes);
  try {
    return text(true);
  } catch {
    return text(false).replaceAll("\ufffd", "\ud800");
  }
}

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
