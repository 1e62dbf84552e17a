// What a module says of itself, and the plans by which requests are written: docs/abi.md, "What it says of itself" and "Values".

import { authentication, defaultMax, layouts, recordPresence, recordWords } from "./abi.ts";

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

/** What values of a type are, and how they lie in memory. */
export interface Shape {
  readonly kind: string;
  readonly size: number;
  readonly align: number;
  /** Of the elements of a list or map; of others, of themselves. */
  readonly element: Shape;
  readonly max: number;
  /** Of an object. */
  readonly plan: Plan;
}

/** Where the attributes of an object go. */
export interface Plan {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** The fields in the order in which an object had them of late: the next one is likely alike. */
  readonly order: Field[];
  /** Of a body: its bytes, and those of the words of presence in it. */
  readonly size: number;
  readonly head: number;
}

/** Where an attribute goes: offsets count from the record, or from the body. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** Where the value goes; -1: nowhere. */
  readonly offset: number;
  /** Where the word of its presence stands, and its bit; -1: nowhere. */
  readonly word: number;
  readonly mask: number;
  /** Attributes of the value that go places of their own. */
  readonly inner?: Plan | undefined;
  readonly sensitive: boolean;
  /** Of a lazy signal, its number; -1. */
  readonly lazy: number;
  /** It is the session, or its level, which nobody can send. */
  readonly level: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const align = (n: number, to: number): number => (n + to - 1) & -to;

/** A plan of fields. Their names become as the keys of objects are, so that comparing the two compares addresses. */
function planOf(fields: readonly Field[], name = "", size = 8, head = 4): Plan {
  return { name, fields: new Map(fields.map((f) => [f.name, { ...f, name: Object.keys({ [f.name]: 0 })[0]! }])), order: [], size, head };
}

const nowhere = { offset: -1, word: -1, mask: 0, lazy: -1, inner: undefined, sensitive: false, level: false };

/** A plan of attributes that go nowhere yet. */
export function planOfAll(attributes: readonly Attribute[] = []): Plan {
  return planOf(attributes.map((a) => ({ ...nowhere, name: a.name, shape: shapeOf(a.type), sensitive: a.sensitive === true })));
}

/** Shapes are made once for each type. */
const shapes = new WeakMap<object, Shape>();

function shapeOf(type: Type): Shape {
  let shape = typeof type === "object" ? shapes.get(type) : undefined;
  if (!shape) {
    shape = newShape(type);
    if (typeof type === "object") shapes.set(type, shape);
  }
  return shape;
}

function newShape(type: Type): Shape {
  const t = type as { readonly list?: Type; readonly map?: Type; readonly object?: readonly Attribute[]; readonly max?: number; readonly name?: string };
  const kind = typeof type === "string" ? type : t.list ? "list" : t.map ? "map" : "object";
  const [size, aligned] = layouts[kind] ?? [8, 8];
  const shape = { kind, size, align: aligned, max: t.max ?? defaultMax } as Mutable<Shape>;
  const element = t.list ?? t.map;
  shape.element = element ? shapeOf(element) : shape;
  shape.plan = t.object ? bodyOf(t.object, t.name) : planOf([]);
  return shape;
}

/** The layout of an object's body: what every authentication has stands first, and the rest by name. */
function bodyOf(attributes: readonly Attribute[], name?: string): Plan {
  const first = authentication.map(([n, type]) =>
    attributes.find((a) => a.name === n && type === ((a.type as { list?: Type }).list ? "list of " : "") + ((a.type as { list?: Type }).list ?? a.type)),
  );
  const all = first.every((a) => a) ? [...new Set([...(first as Attribute[]), ...attributes])] : attributes;
  const head = 4 * Math.max(1, Math.ceil(all.length / 32));
  let size = head;
  const fields = all.map((a, bit) => {
    const shape = shapeOf(a.type);
    const offset = align(size, shape.align);
    size = offset + shape.size;
    return { ...nowhere, name: a.name, shape, offset, word: 4 * (bit >> 5), mask: 1 << (bit & 31) };
  });
  return planOf(fields, name, align(size, 8), head);
}

/** How requests about an action are written. */
export interface Written {
  readonly signals: Plan;
  readonly params: Plan;
}

/** The plans of an action's signals and params, with the places of its slots. */
export function written(schema: Schema, { resource, slots = [] }: Action): Written {
  const signals = planOfAll([...(schema.signals ?? []), ...(resource ? [{ name: "resource", type: resource }] : [])]);
  const params = planOfAll(schema.params);
  const session = signals.fields.get("session") as Mutable<Field> | undefined;
  if (session) {
    session.level = true;
    const level = session.shape.plan.fields.get("level") as Mutable<Field> | undefined;
    if (level) level.level = true;
  }
  schema.lazy?.forEach((name, i) => {
    (signals.fields.get(name) as Mutable<Field>).lazy = i;
  });
  for (const { path, bit, offset = -1 } of slots) {
    const names = path[0] === "resource" ? path : path.slice(1);
    let plan = path[0] === "params" ? params : signals;
    let at: Mutable<Field> | undefined;
    for (const name of names) {
      if (at) plan = at.inner ??= planOf([...at.shape.plan.fields.values()].map((f) => ({ ...f, ...nowhere, level: f.level })));
      at = plan.fields.get(name);
    }
    Object.assign(at!, { offset, word: bit < 32 ? recordPresence : recordWords + 4 * ((bit >> 5) - 1), mask: 1 << (bit & 31) });
  }
  return { signals, params };
}
