// The text forms of values, as docs/language.md, "The request's JSON", has them. What is none comes out as undefined.

/** How far numbers are taken for integers: beyond it, they are rounded. */
export const maxWhole: number = 2 ** 53;

/** Whether these are the seconds of a moment in the years 1 to 9999. */
const inYears = (seconds: number): boolean => seconds >= -62135596800 && seconds <= 253402300799;

/** Seconds since 1970, and nanoseconds. */
export type Time = readonly [seconds: number, nanos: number] | undefined;

/** Milliseconds since 1970 as a moment. */
export function ofMilliseconds(ms: number): Time {
  const seconds = Math.floor(ms / 1e3);
  return inYears(seconds) ? [seconds, Math.floor((ms - seconds * 1e3) * 1e6)] : undefined;
}

const timestamp = /^((?!0000)\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A timestamp of RFC 3339. */
export function parseTimestamp(s: string): Time {
  const [, local, fraction = "", offset] = timestamp.exec(s) ?? [];
  if (!local) return undefined;
  // What is beyond the calendar comes out as another day, or as none.
  const day = Date.parse(`${local}Z`);
  if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(local)) return undefined;
  const seconds = (day - offsetOf(offset!)) / 1e3;
  return inYears(seconds) ? [seconds, +fraction.padEnd(9, "0")] : undefined;
}

/** The milliseconds of an offset from UTC. */
function offsetOf(s: string): number {
  const minutes = +s.slice(1, 3) * 60 + +s.slice(4);
  return s === "Z" ? 0 : (s[0] === "-" ? -6e4 : 6e4) * minutes;
}

/** An integer of 64 bits, or the text of one as JSON writes it. */
export function parseInteger(v: unknown, signed: boolean): bigint | undefined {
  // What has more digits is beyond the range; BigInt would take its time for it.
  const n = typeof v === "string" && v.length < 21 && /^(?:0|-?[1-9]\d*)$/.test(v) ? BigInt(v) : v;
  return typeof n === "bigint" && n === (signed ? BigInt.asIntN(64, n) : BigInt.asUintN(64, n)) ? n : undefined;
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 36e11 };

/** Nanoseconds, or the text of a duration in CEL's form, which is Go's. */
export function parseDuration(v: unknown): bigint | undefined {
  if (typeof v !== "string") return parseInteger(v, true);
  const m = /^([+-]?)(0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[nuµμm]s|[smh]))+)$/.exec(v);
  if (!m) return undefined;
  let n = 0n;
  for (const [, whole, fraction = "", unit] of m[2]!.matchAll(/(\d*)(?:\.(\d*))?([a-zµμ]+)/g)) {
    // Of a fraction so many digits count as 63 bits hold, and what they come to is a double's, as Go has it.
    let digits = 0n;
    let scale = 1;
    for (const c of fraction) {
      const more = digits * 10n + BigInt(c);
      if (digits > 922337203685477580n || more > 1n << 63n) break;
      digits = more;
      scale *= 10;
    }
    n += BigInt(whole!) * BigInt(units[unit!]!) + BigInt(Math.trunc(Number(digits) * (units[unit!]! / scale)));
  }
  return parseInteger(m[1] === "-" ? -n : n, true);
}

/** Bytes, or base64 in the standard alphabet, padded, in which what no byte needs is 0. */
export function parseBytes(v: unknown): Uint8Array | undefined {
  if (typeof v !== "string") return v instanceof Uint8Array ? v : undefined;
  try {
    const raw = atob(v);
    if (btoa(raw) === v) return Uint8Array.from(raw, (c) => c.charCodeAt(0));
  } catch {
    // it has another character
  }
  return undefined;
}

/** Writes the 16 bytes of an IP address, IPv4 as ::ffff:a.b.c.d. It returns whether the text is one. */
export function parseAddress(s: string, bytes: Uint8Array, at: number): boolean {
  bytes.fill(0, at, at + 16);
  if (!s.includes(":")) {
    bytes[at + 10] = bytes[at + 11] = 255;
    return parseDotted(s, bytes, at + 12);
  }
  const [left, right, more] = s.split("::").map((half) => (half ? half.split(":") : []));
  const last = right ?? left!;
  const size = 2 * last.length + (last.at(-1)?.includes(".") ? 2 : 0);
  const free = 16 - size - (right ? 2 * left!.length : 0);
  return !more && (right ? free > 1 : free === 0) && (!right || parseGroups(left!, false, bytes, at)) && parseGroups(last, true, bytes, at + 16 - size);
}

/** Writes the bytes of groups of IPv6, the last of which may be written as IPv4. */
function parseGroups(groups: readonly string[], dotted: boolean, bytes: Uint8Array, at: number): boolean {
  return groups.every((g, i) => {
    if (dotted && i === groups.length - 1 && g.includes(".")) return parseDotted(g, bytes, at + 2 * i);
    const n = Number.parseInt(g, 16);
    bytes[at + 2 * i] = n >> 8;
    bytes[at + 2 * i + 1] = n;
    return /^[\da-f]{1,4}$/i.test(g);
  });
}

function parseDotted(s: string, bytes: Uint8Array, at: number): boolean {
  let i = 0;
  for (let part = 0; part < 4; part++, i++) {
    const from = i;
    let n = 0;
    for (let c: number; (c = s.charCodeAt(i) - 48) >= 0 && c < 10 && i < from + 3; i++) n = n * 10 + c;
    if (i === from || n > 255 || (s[from] === "0" && i > from + 1) || s[i] !== (part < 3 ? "." : undefined)) return false;
    bytes[at + part] = n;
  }
  return true;
}
