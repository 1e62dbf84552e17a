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

/** An integer of 64 bits, or the text of one as JSON writes it. */
export function parseInteger(v: unknown, signed: boolean): bigint | undefined {
  // What has more digits is beyond the range; BigInt would take its time for it.
  const n = typeof v === "string" && v.length < 21 && /^(0|-?[1-9]\d*)$/.test(v) ? BigInt(v) : v;
  return typeof n === "bigint" && n === (signed ? BigInt.asIntN(64, n) : BigInt.asUintN(64, n)) ? n : undefined;
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 36e11 };

/** Nanoseconds, or the text of a duration in CEL's form, which is Go's. */
export function parseDuration(v: unknown): bigint | undefined {
  if (typeof v !== "string") return parseInteger(v, true);
  const [, sign, parts] = /^([+-]?)(0|((\d+(\.\d*)?|\.\d+)([nuµμm]s|[smh]))+)$/.exec(v) ?? [];
  if (!parts) return undefined;
  let n = 0n;
  for (const [, whole, fraction = "", unit] of parts.matchAll(/(\d*)(?:\.(\d*))?([a-zµμ]+)/g)) {
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
  return parseInteger(sign === "-" ? -n : n, true);
}

/** A copy of bytes, as what holds them may say of their number what it likes; or base64 in the standard alphabet, padded, in which what no byte needs is 0. */
export function parseBytes(v: unknown): Uint8Array | undefined {
  try {
    if (typeof v !== "string") return v instanceof Uint8Array ? new Uint8Array(v) : undefined;
    const raw = atob(v);
    return btoa(raw) === v ? Uint8Array.from(raw, (c) => c.charCodeAt(0)) : undefined;
  } catch {
    return undefined; // it has another character
  }
}

/** Writes the 16 bytes of an IP address, IPv4 as ::ffff:a.b.c.d. It returns whether the text is one. */
export function parseAddress(s: string, view: DataView, at: number): boolean {
  const [, before, ...dotted] = /^(|.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(s) ?? [];
  const pair = (at: number): string =>
    dotted
      .slice(at, at + 2)
      .reduce((n, part) => n * 256 + (+part < 256 && `${+part}` === part ? +part : Number.NaN), 0)
      .toString(16);
  const halves = (dotted[0] ? `${before || "::ffff:"}${pair(0)}:${pair(2)}` : s).split("::").map((half) => (half ? half.split(":") : []));
  const groups = halves.flat();
  // What two colons stand for is one group of zeros at least.
  const free = 8 - groups.length;
  if (halves[2] || (halves[1] ? free < 1 : free)) return false;
  groups.splice(halves[0]!.length, 0, ...Array(free).fill("0"));
  return groups.every((g, i) => {
    view.setUint16(at + 2 * i, Number.parseInt(g, 16));
    return /^[\da-f]{1,4}$/i.test(g);
  });
}
