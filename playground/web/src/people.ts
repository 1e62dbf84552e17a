// The sample people: each a request's text, and where the dial and the params of its host stand.

export interface Person {
  name: string;
  /** The request as JSON; the host's part apart, if the text does not say it itself. */
  text: string;
  /** Where the dial stands when this person is looked at first. */
  posture?: string;
  /** Values of params, as JSON. */
  params?: Record<string, unknown>;
}

/** What the host says of a request, beside its text. */
export interface Desk {
  posture: string;
  params: Record<string, unknown>;
}

type Members = { [name: string]: unknown };

/** The request's members, or undefined where the text is no JSON object. */
export function members(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The text with what the host says put in. A text that can be put in as it is stays as it is, so that the engines read what was written: numbers that JavaScript would
 * round, names that stand twice.
 */
export function withDesk(person: Person, desk: Desk): string {
  const own = members(person.text);
  if (!own) return person.text;
  const params = { ...desk.params, ...person.params };
  const host: Members = { posture: desk.posture };
  if (Object.keys(params).length > 0) host.params = params;
  if (own.posture === undefined && own.params === undefined) {
    const inner = person.text.trim().slice(1, -1).trim();
    const put = JSON.stringify(host).slice(1, -1);
    return inner === "" ? `{${put}}` : `{${inner},${put}}`;
  }
  return JSON.stringify({ ...own, ...host, params: { ...params, ...(own.params as Members | undefined) } });
}

/** A person out of a request's text, with the host's part taken out of it. */
export function person(name: string, text: string): Person {
  const own = members(text);
  if (!own || (own.posture === undefined && own.params === undefined)) return { name, text };
  const { posture, params, ...rest } = own;
  const out: Person = { name, text: pretty(rest) };
  if (typeof posture === "string") out.posture = posture;
  if (typeof params === "object" && params !== null) out.params = params as Record<string, unknown>;
  return out;
}

/** JSON for people: short lists and objects on one line. */
export function pretty(value: unknown, indent = ""): string {
  const flat = JSON.stringify(value);
  if (typeof value !== "object" || value === null || (flat.length + indent.length < 72 && indent !== "")) return spaced(flat);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((v) => deeper + pretty(v, deeper)).join(",\n")}\n${indent}]`;
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([k, v]) => `${deeper}${JSON.stringify(k)}: ${pretty(v, deeper)}`).join(",\n")}\n${indent}}`;
}

// Spaces behind colons and commas that stand outside of texts.
function spaced(flat: string): string {
  return flat.replace(/"(?:[^"\\]|\\.)*"|[:,]/g, (m) => (m.length === 1 ? `${m} ` : m));
}

/** The value at a path of a request, or undefined. */
export function at(own: Members | undefined, path: string[]): unknown {
  let value: unknown = own;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Members)[name];
  }
  return value;
}

/** A copy of a request with the value at a path set; undefined takes it away. */
export function put(own: Members, path: string[], value: unknown): Members {
  const [name, ...rest] = path;
  if (name === undefined) return own;
  const out: Members = { ...own };
  if (rest.length > 0) {
    const inner = Object.hasOwn(own, name) ? own[name] : undefined;
    const next = put(typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Members) : {}, rest, value);
    define(out, name, next);
  } else if (value === undefined) delete out[name];
  else define(out, name, value);
  return out;
}

// A name may be `__proto__`.
function define(out: Members, name: string, value: unknown): void {
  Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
}
