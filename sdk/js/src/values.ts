// The text forms of values, as docs/language.md, "The request's JSON", has them. A text that is none comes out as a string that says why; it never repeats the
// text, which may be of a sensitive signal.

import { addressBytes, addressPrefix, addressSize } from "./abi.ts";

/** A number of JSON that the nearest double does not tell exactly, while it is a whole one: no integer, but a double like any. */
export class Rounded {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
}

/** How far numbers are taken for integers: beyond it, they are rounded. */
export const maxWhole: number = 2 ** 53;

/** The seconds of the years 1 to 9999. */
export const inYears = (seconds: number): boolean => seconds >= -62135596800 && seconds <= 253402300799;

export const beyond = "beyond the years 0001 to 9999 in UTC";

/** An integer of 64 bits as JSON writes it. */
export function parseInteger(s: string, signed: boolean): bigint | string {
  if (!/^-?(0|[1-9]\d*)$/.test(s) || s === "-0") return "not an integer as JSON writes it";
  // What has more digits is beyond the range; BigInt would take its time for it.
  return s.length < 21 ? integer(BigInt(s), signed) : outside;
}

const outside = "beyond the range of 64 bits";

/** The integer, if it is of 64 bits. */
export function integer(n: bigint, signed: boolean): bigint | string {
  return n === (signed ? BigInt.asIntN(64, n) : BigInt.asUintN(64, n)) ? n : outside;
}

const timestamp = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** A timestamp of RFC 3339: seconds since 1970 in UTC, and nanoseconds. */
export function parseTimestamp(s: string): [seconds: number, nanos: number] | string {
  const m = timestamp.exec(s);
  if (!m) return "not a timestamp such as 2026-11-20T12:00:00Z";
  const [year, month, day, hour, minute, second, , , ahead, more] = m.slice(1).map(Number) as number[];
  const at = new Date(0);
  at.setUTCFullYear(year!, month! - 1, day!);
  if (at.getUTCMonth() !== month! - 1 || at.getUTCDate() !== day || hour! > 23 || minute! > 59 || second! > 59 || (m[8] && (ahead! > 23 || more! > 59)))
    return "not a moment of the calendar";
  const offset = m[8] ? (ahead! * 60 + more!) * (m[8] === "-" ? -60 : 60) : 0;
  const seconds = at.getTime() / 1000 + hour! * 3600 + minute! * 60 + second! - offset;
  return year! < 1 || !inYears(seconds) ? beyond : [seconds, Number((m[7] ?? "").padEnd(9, "0"))];
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 36e11 };

/** A duration in CEL's form, which is Go's: its nanoseconds. */
export function parseDuration(s: string): bigint | string {
  const m = /^([+-]?)(0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[nuµμm]s|[smh]))+)$/.exec(s);
  let total = 0n;
  for (const [, whole, digits = "", unit] of m?.[2]!.matchAll(/(\d*)(?:\.(\d*))?([a-zµμ]+)/g) ?? []) {
    total += BigInt(whole!) * BigInt(units[unit!]!) + fraction(digits, units[unit!]!);
  }
  if (m?.[1] === "-") total = -total;
  return m && total === BigInt.asIntN(64, total) ? total : "not a duration such as 90s or 1h30m, of up to 292 years";
}

/** The nanoseconds of a fraction of a unit: in doubles, and of so many digits, as Go has it. */
function fraction(digits: string, unit: number): bigint {
  let n = 0n;
  let scale = 1;
  for (const c of digits) {
    const next = n * 10n + BigInt(c);
    if (n > (2n ** 63n - 1n) / 10n || next > 2n ** 63n) break;
    n = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(n) * (unit / scale)));
}

/** Base64 in the standard alphabet, padded; what no byte needs is 0. */
export function parseBytes(s: string): Uint8Array | string {
  try {
    const raw = atob(s);
    if (btoa(raw) === s) return Uint8Array.from(raw, (c) => c.charCodeAt(0));
  } catch {
    // it has another character
  }
  return "not base64 in the standard alphabet with padding";
}

const byte = "(0|[1-9]\\d{0,2})";
const isByte = (n: number): boolean => n < 256;
const dotted = new RegExp(`^${byte}\\.${byte}\\.${byte}\\.${byte}$`);

/** The 16 bytes of an address, IPv4 as ::ffff:a.b.c.d. */
function parseAddress(s: string): Uint8Array | undefined {
  const out = new Uint8Array(16);
  const four = dotted.exec(s);
  if (four) {
    const bytes = four.slice(1).map(Number);
    out.set([255, 255, ...bytes], 10);
    return bytes.every(isByte) ? out : undefined;
  }
  const halves = s.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half, i) => groups(half, i === halves.length - 1));
  if (!left || (halves.length > 1 && !right)) return undefined;
  const n = left.length + (right?.length ?? 0);
  if (right ? n > 14 : n !== 16) return undefined;
  out.set(left);
  if (right) out.set(right, 16 - right.length);
  return out;
}

/** The bytes of groups of IPv6, the last of which may be written as IPv4. */
function groups(s: string, last: boolean): number[] | undefined {
  const out: number[] = [];
  const parts = s === "" ? [] : s.split(":");
  for (const [i, g] of parts.entries()) {
    const four = last && i === parts.length - 1 && dotted.exec(g);
    if (four) {
      out.push(...four.slice(1).map(Number));
      if (!out.every(isByte)) return undefined;
    } else if (/^[\da-f]{1,4}$/i.test(g)) {
      const n = Number.parseInt(g, 16);
      out.push(n >> 8, n & 255);
    } else return undefined;
  }
  return out;
}

const isMapped = (a: Uint8Array): boolean => a.every((n, i) => i > 11 || n === (i > 9 ? 255 : 0));

/** How an address lies in memory. */
function body(bytes: Uint8Array, prefix: number): Uint8Array {
  const out = new Uint8Array(addressSize);
  out[0] = isMapped(bytes) ? 4 : 6;
  out[addressPrefix] = prefix;
  out.set(bytes, addressBytes);
  return out;
}

/** An IP address. */
export function parseIP(s: string): Uint8Array | string {
  const bytes = parseAddress(s);
  return bytes ? body(bytes, 0) : "not an IP address such as 192.0.2.7 or 2001:db8::7";
}

/** An address range, with its prefix; the bits below it are 0. */
export function parseCIDR(s: string): Uint8Array | string {
  const wrong = "not an address range such as 192.0.2.0/24";
  const m = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(s);
  const bytes = m && parseAddress(m[1]!);
  if (!bytes) return wrong;
  const four = dotted.test(m[1]!);
  const length = +m[2]! + (four ? 96 : 0);
  if (length > 128) return wrong;
  // A range that cuts through the ffff of mapped addresses has bits below its prefix.
  if (bytes.some((n, i) => n & (255 >> Math.min(8, Math.max(0, length - 8 * i))))) return "not an address range: bits below the prefix are set";
  return body(bytes, length);
}
