// What a module says of itself, and the plans by which requests are written: docs/abi.md, "What it says of itself" and "Values".

import { authentication, defaultMax, recordPosture, recordSeconds, sizes } from "./abi.ts";

/** A type as rung.schema has it. */
export type Type =
  | string
  | { readonly list: Type; readonly max?: number }
  | { readonly map: Type; readonly max?: number }
  | { readonly object: readonly Attribute[]; readonly name?: string };

/** An attribute, signal or param as rung.schema has it. */
export interface Attribute {
  readonly name: string;
  readonly type: Type;
  readonly sensitive?: boolean;
}

/** An action as rung.schema has it. */
export interface Action {
  readonly name: string;
  readonly http?: readonly string[];
  readonly grpc?: readonly string[];
  readonly resource?: Type;
  readonly size: number;
  readonly slots?: readonly { readonly bit: number; readonly offset?: number; readonly path: readonly string[] }[];
}

/** The section rung.schema. */
export interface Schema {
  readonly actions?: readonly Action[];
  readonly lazy?: readonly string[];
  readonly params?: readonly Attribute[];
  readonly postures?: readonly { readonly name: string; readonly rank: number }[];
  readonly signals?: readonly Attribute[];
  readonly words: number;
}

/** The section rung.meta. */
export interface Meta {
  readonly abi: number;
  readonly name: string;
  readonly version?: string;
  readonly digest: string;
  readonly pages: number;
}

/** A level, as rung.outputs has it. */
export interface Level {
  readonly name: string;
  readonly rank: number;
  readonly acr_values?: readonly string[];
}

/** A rule, as rung.outputs has it. */
export interface Rule {
  readonly id: string;
  readonly effect: "deny" | "step_up";
  readonly level?: string;
  readonly max_age?: number;
  readonly methods?: readonly string[];
  readonly message?: string;
  readonly shadow?: boolean;
}

/** The section rung.outputs. */
export interface Outputs {
  readonly actions?: readonly (readonly number[])[];
  readonly levels?: readonly Level[];
  readonly methods?: readonly string[];
  readonly rules?: readonly Rule[];
}

/** The kinds of values, by their numbers: types, and what a request says besides. */
export const kinds = [
  "any",
  "bool",
  "bytes",
  "cidr",
  "double",
  "duration",
  "int",
  "ip",
  "list",
  "map",
  "object",
  "string",
  "timestamp",
  "uint",
  "moment",
  "posture",
  "timestamp",
  "value to send",
  "resource here",
] as const;
export const anyKind = 0;
export const boolKind = 1;
export const bytesKind = 2;
export const cidrKind = 3;
export const doubleKind = 4;
export const durationKind = 5;
export const intKind = 6;
export const ipKind = 7;
export const listKind = 8;
export const mapKind = 9;
export const objectKind = 10;
export const stringKind = 11;
export const timestampKind = 12;
export const uintKind = 13;
export const momentKind = 14;
export const postureKind = 15;
export const callersKind = 16;
export const forbiddenKind = 17;

/** How a value is written: an attribute, signal or param, or the elements of a list or map. What is looked at most stands first, where one line of a cache may hold it. */
export interface Plan {
  /** A name as it came from an object of late, which makes comparing it with the next one quick. */
  name: string;
  /** The field that came after this one of late, or first in this object: the next one is likely alike. */
  next: Plan | undefined;
  readonly kind: number;
  /** Where the value goes, counted from the record, or from the body around it; -1: nowhere. */
  offset: number;
  /** The bit of its presence there; -1: none. */
  bit: number;
  /** Whether null says that it is missing. */
  readonly nullable: boolean;
  readonly sensitive: boolean;
  /** It is the level of the session, which nobody may send. */
  computed: boolean;
  /** Of a lazy signal, its number; -1. */
  lazy: number;
  /** Of an object. */
  readonly fields: Map<string, Plan>;
  first: Plan | undefined;
  readonly size: number;
  /** Of a list or map: how many elements it may have, and what they are. Those of type any are of type any. */
  readonly max: number;
  element: Plan;
  /** Of an object that has a body, its bytes. Else its attributes go places of their own. */
  body: number;
}

/** How values of so many bytes are aligned. */
export const aligned = (at: number, size: number): number => (size < 8 ? (at + size - 1) & -size : (at + 7) & -8);

/** A plan of a value that goes nowhere yet, and of the members of an object. What is null says that it is missing, unless it is of type any, or it is said here. */
function planOf({ name, type, sensitive = false }: Attribute, nullable?: boolean, inner?: boolean): Plan {
  const t = (typeof type === "string" ? {} : type) as {
    readonly list?: Type;
    readonly map?: Type;
    readonly object?: readonly Attribute[];
    readonly max?: number;
  };
  const kind = typeof type === "string" ? type : t.list ? "list" : t.map ? "map" : "object";
  const of = t.list ?? t.map;
  const plan: Plan = {
    name,
    next: undefined,
    kind: kinds.indexOf(kind as "any"),
    offset: -1,
    bit: -1,
    nullable: nullable ?? kind !== "any",
    sensitive,
    computed: false,
    lazy: -1,
    fields: new Map(t.object?.map((a) => [a.name, planOf(a, inner)])),
    first: undefined,
    size: sizes[kind] ?? 8,
    max: t.max ?? defaultMax,
    element: undefined as unknown as Plan,
    body: 0,
  };
  plan.element = of ? planOf({ name, type: of }) : plan;
  if (of) layOut(plan.element);
  return plan;
}

/** Gives an object a body: what every authentication has stands first, and the rest by name. */
function layOut(o: Plan): void {
  if (o.kind !== objectKind) return;
  const all = [...o.fields.values()];
  const first = authentication.flatMap(([name, type]) => all.filter((f) => f.name === name && type === (f.kind === listKind ? "list of " : "") + kinds[f.element.kind]));
  let at = 4 * Math.max(1, Math.ceil(all.length / 32));
  for (const [bit, f] of [...new Set(first[2] ? [...first, ...all] : all)].entries()) {
    layOut(f);
    f.offset = aligned(at, f.size);
    at = f.offset + f.size;
    f.bit = bit;
  }
  o.body = aligned(at, 8);
}

/** What the host says of a request, and nobody else. */
export const hosts = ["now", "posture", "params"] as const;

/** How the host's requests about an action are written. */
export function planOfRequests({ signals = [], params = [], lazy = [] }: Schema, { resource, slots = [] }: Partial<Action>): Plan {
  // Where the action has no resource, null is all that is one.
  const all = [...signals, { name: "resource", type: resource ?? "resource here" }];
  const request = planOf({ name: "", type: { object: [] } });
  const add = (name: string, type: Type, inner?: boolean): Plan => {
    const f = planOf({ name, type }, false, inner);
    request.fields.set(name, f);
    return f;
  };
  add("action", "string");
  add("now", "moment").offset = recordSeconds;
  add("posture", "posture").offset = recordPosture;
  add("params", { object: params }, false);
  const { fields } = add("signals", { object: all }, true);
  const level = fields.get("session")?.fields.get("level");
  if (level) level.computed = true;
  for (const [i, name] of lazy.entries()) fields.get(name)!.lazy = i;
  for (const { path, bit, offset = -1 } of slots) {
    let at = request;
    for (const name of path[0] === "resource" ? ["signals", ...path] : path) at = at.fields.get(name)!;
    if (offset >= 0) layOut(at);
    at.offset = offset;
    at.bit = bit;
  }
  return request;
}
