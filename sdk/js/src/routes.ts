/**
 * Which action a request of HTTP is: by the `http` patterns of a policy, which are those of Go's net/http, and mean what they mean there.
 *
 * @module
 */

import type { Schema } from "./schema.ts";

/** Where a request leads: to an action, with the values of its pattern's wildcards; or past the guard. */
export type Route = { readonly action: string; readonly values: Readonly<Record<string, string>> } | { readonly open: true };

interface Pattern {
  readonly method: string;
  readonly host: string;
  /** Literals are texts ("/" at the end for `{$}`); wildcards have a name, and `rest` says that it is of all that follows. */
  readonly segments: readonly (string | { readonly name: string; readonly rest: boolean })[];
  /** undefined in open patterns. */
  readonly action: string | undefined;
}

const tokens = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** Reads `[METHOD ][HOST]/[PATH]`. */
function parsePattern(text: string, action: string | undefined): Pattern {
  const wrong = (why: string): never => {
    throw new TypeError(`the pattern \`${text}\`: ${why}`);
  };
  const [, method = "", host = "", path = ""] = /^(?:(\S+)[ \t]+)?([^/\s]*)(\/\S*)$/.exec(text) ?? wrong("expected [METHOD ][HOST]/[PATH]");
  if (method && !tokens.test(method)) wrong("the method is none");
  if (/[{}]/.test(host)) wrong("a host has no wildcards");
  const segments: Pattern["segments"][number][] = [];
  const names = new Set<string>();
  const parts = path.slice(1).split("/");
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const [, name, dots] = /^\{([^{}.$]+)(\.\.\.)?\}$/.exec(part) ?? [];
    if (name !== undefined) {
      if (!/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(name) || names.has(name)) wrong(`the wildcard ${part} has no name of its own`);
      if (dots && !last) wrong("`...` stands at the end");
      names.add(name);
      segments.push({ name, rest: dots !== undefined });
    } else if (part === "{$}" && last) segments.push("/");
    else if (/[{}]/.test(part)) wrong(`\`${part}\` is no wildcard`);
    else if (part === "" && last) segments.push({ name: "", rest: true });
    else segments.push(plain(part));
  }
  return { method, host, segments, action };
}

/** A text without percent-encoding, if that can be. */
function plain(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

/** The values of a pattern's wildcards; undefined if it does not match a path, whose percent-encoding stands. */
function matchPath({ segments }: Pattern, path: string): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  let rest = path;
  for (const s of segments) {
    if (rest === "") return undefined;
    if (typeof s === "object" && s.rest) {
      if (s.name) values[s.name] = plain(rest.slice(1));
      return values;
    }
    const end = rest === "/" ? 1 : (rest.indexOf("/", 1) + rest.length + 1) % (rest.length + 1) || rest.length;
    const segment = rest === "/" ? "/" : plain(rest.slice(1, end));
    rest = rest === "/" ? "" : rest.slice(end);
    if (typeof s === "string" ? s !== segment : segment === "/") return undefined;
    if (typeof s === "object") values[s.name] = segment;
  }
  return rest === "" ? values : undefined;
}

/** Patterns in the order in which they are tried: at the first segment where they differ, a literal comes before a wildcard, and that before one of all that follows. */
function before(a: Pattern, b: Pattern): number {
  for (let i = 0; i < a.segments.length && i < b.segments.length; i++) {
    const kind = (s: Pattern["segments"][number]): number => (typeof s === "string" ? 0 : s.rest ? 2 : 1);
    const difference = kind(a.segments[i]!) - kind(b.segments[i]!);
    if (difference) return difference;
  }
  return 0;
}

/** The patterns of a policy, and those that are open. */
export class Routes {
  readonly #actions: Pattern[] = [];
  readonly #open: Pattern[] = [];

  /** A pattern that is none is a TypeError. */
  constructor(schema: Schema, open: readonly string[] = []) {
    for (const a of schema.actions ?? []) for (const text of a.http ?? []) this.#actions.push(parsePattern(text, a.name));
    for (const text of open) this.#open.push(parsePattern(text, undefined));
    this.#actions.sort(before);
    this.#open.sort(before);
  }

  /**
   * The route of a request; undefined if there is none. The path is as it was sent, percent-encoding and all.
   *
   * An open pattern takes nothing that would be an action's under a method or host that the pattern does not name, or with a slash more or less at the end: a router behind may take the one for
   * the other.
   */
  find(method: string, host: string, path: string): Route | undefined {
    const name = host.replace(/:\d*$/, "");
    const action = find(this.#actions, method, name, path);
    if (action) return { action: action.pattern.action!, values: action.values };
    const open = find(this.#open, method, name, path);
    return open && !this.#guarded(open.pattern, method, name, path) ? { open: true } : undefined;
  }

  #guarded(open: Pattern, method: string, host: string, path: string): boolean {
    const methods = new Set([method, ...(open.method ? [] : this.#actions.map((p) => p.method))]);
    const hosts = new Set([host, ...(open.host ? [] : this.#actions.map((p) => p.host))]);
    const paths = [path, path.endsWith("/") ? path.slice(0, -1) : `${path}/`];
    return paths.some((p) => [...methods].some((m) => [...hosts].some((h) => find(this.#actions, m, h, p || "/"))));
  }
}

/** The pattern that matches: one of the host before one of none, one of the method before one of GET for HEAD, and that before one of none. */
function find(patterns: readonly Pattern[], method: string, host: string, path: string): { pattern: Pattern; values: Record<string, string> } | undefined {
  for (const h of host ? [host, ""] : [""]) {
    for (const m of method === "HEAD" ? ["HEAD", "GET", ""] : [method, ""]) {
      for (const pattern of patterns) {
        const values = pattern.host === h && pattern.method === m ? matchPath(pattern, path) : undefined;
        if (values) return { pattern, values };
      }
    }
  }
  return undefined;
}

/** Headers by which some frameworks take a request for one of another method. */
const overrides = ["x-http-method-override", "x-http-method", "x-method-override"];

/** A request, as far as it says what it is for. */
export interface Head {
  readonly method: string;
  /** The path and query as they were sent. */
  readonly target: string;
  readonly header: (name: string) => string | null | undefined;
}

/** Why another router might read a request in another way; "" if none should. */
export function unclear({ method, target, header }: Head, anyPath: boolean = false): string {
  if (method === "CONNECT") return "CONNECT is not served here.";
  const cut = target.indexOf("?");
  const path = cut < 0 ? target : target.slice(0, cut);
  const query = cut < 0 ? "" : target.slice(cut + 1);
  const overridden = overrides.some((name) => header(name) !== null && header(name) !== undefined);
  if (overridden || new URLSearchParams(query).has("_method")) return "The method cannot be overridden.";
  return isClean(path, anyPath) ? "" : "The path can be read in more than one way.";
}

/** Whether a path is one that no router redirects, decodes twice, cuts off, or turns into another. */
function isClean(path: string, anyPath: boolean): boolean {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return false;
  }
  if (!decoded.startsWith("/") || path.includes("#") || /[\0-\x1f\x7f-\x9f]|\p{Cs}/u.test(decoded)) return false;
  const segments = decoded.slice(1).split("/");
  if (segments.at(-1) === "") segments.pop();
  if (segments.some((s) => s === "" || s === "." || s === "..")) return false;
  return anyPath || !(/[\\;]|%[\da-f]{2}/i.test(decoded) || /%2f/i.test(path));
}
