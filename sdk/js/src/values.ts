// The text forms of values, as docs/language.md, "The request's JSON", has them. What is none comes out as undefined.

/** How far numbers are taken for integers: beyond it, they are rounded. */
export const maxWhole: number = 2 ** 53;

const timestamp = /^((?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A timestamp of RFC 3339: the milliseconds of a whole second since 1970, and nanoseconds. NaN is none. */
export function parseTimestamp(s: string): [number, number] {
  const [, local, fraction = "", offset] = timestamp.exec(s) ?? [];
  // What is beyond the calendar or the clock comes out as another moment, or as none.
  return [new Date(`${local}Z`).toJSON()?.startsWith(local!) ? Date.parse(local! + offset) : Number.NaN, +fraction.padEnd(9, "0")];
}

/** An integer of 64 bits: a number that is exact, or a bigint, or the text of one as JSON writes it. */
export function parseInteger(v: unknown, signed: boolean): bigint | undefined {
  // What has more digits is beyond the range; BigInt would take its time for it.
  const exact = Number.isInteger(v) && Math.abs(v as number) <= maxWhole;
  const n = exact || (typeof v === "string" && /^(0|-?[1-9]\d{0,19})$/.test(v)) ? BigInt(v as string) : v;
  return typeof n === "bigint" && n === (signed ? BigInt.asIntN(64, n) : BigInt.asUintN(64, n)) ? n : undefined;
}

/** The nanoseconds of units, but for the three spellings of microseconds. */
const units: Readonly<Record<string, number>> = { ns: 1, ms: 1e6, s: 1e9, m: 6e10, h: 36e11 };

/** Nanoseconds, of the text of a duration in CEL's form, which is Go's. */
export function parseDuration(s: string): bigint | undefined {
  const [, sign, parts] = /^([+-]?)(0|((\d+(\.\d*)?|\.\d+)([nuµμm]?s|[mh]))+)$/.exec(s) ?? [];
  if (!parts) return undefined;
  let n = 0n;
  for (const [, whole, fraction, unit] of parts.matchAll(/(\d*)\.?(\d*)([^\d.]+)/g)) {
    const size = units[unit!] ?? 1e3;
    // Of a fraction so many digits count as 63 bits hold, and what they come to is a double's, as Go has it.
    let digits = 0n;
    let scale = 1;
    for (const c of fraction!) {
      const more = digits * 10n + BigInt(c);
      if (more > 1n << 63n) break;
      digits = more;
      scale *= 10;
    }
    n += BigInt(whole!) * BigInt(size) + BigInt(Math.trunc(Number(digits) * (size / scale)));
  }
  return parseInteger(sign === "-" ? -n : n, true);
}

/** A copy of bytes, as what holds them may say of their number what it likes; or base64 in the standard alphabet, padded, in which what no byte needs is 0. It throws at other characters. */
export function parseBytes(v: unknown): Uint8Array | undefined {
  if (typeof v !== "string") return v instanceof Uint8Array ? new Uint8Array(v) : undefined;
  const raw = atob(v);
  return btoa(raw) === v ? Uint8Array.from(raw, (c) => c.charCodeAt(0)) : undefined;
}

/** An IPv4 address at the end of a text: what is before it, and its four bytes. */
const dotted = /^(.*:)?(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/** The 128 bits of an IP address, IPv4 as ::ffff:a.b.c.d. */
export function parseAddress(s: string): bigint | undefined {
  const hex = s.replace(dotted, (_, before = "::ffff:", a, b, c, d) => `${before}${(a * 256 + +b).toString(16)}:${(c * 256 + +d).toString(16)}`);
  const [head, tail, more] = hex.split("::").map((half) => (half ? half.split(":") : []));
  // What two colons stand for is one group of zeros at least.
  if (tail)
    do head!.push("0");
    while (head!.length + tail.length < 8);
  const groups = head!.concat(tail ?? []);
  return !more && /^([\da-f]{1,4}:){8}$/i.test(`${groups.join(":")}:`) ? groups.reduce((n, group) => n * 65536n + BigInt(`0x${group}`), 0n) : undefined;
}
