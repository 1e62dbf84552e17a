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

/** Where the attributes of an object go. Offsets count from the record, or from the object's body. */
export interface Plan {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** The fields in the order in which an object had them of late: the next one is likely alike. */
  readonly order: Field[];
  /** The bytes of the body, and the words of presence in it. */
  readonly size: number;
  readonly words: number;
}

/** Where an attribute goes. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** Where the value goes; -1: nowhere. */
  offset: number;
  /** Where the word of its presence stands, and its bit; -1: nowhere. */
  word: number;
  mask: number;
  /** Attributes of the value that go places of their own. */
  inner: Plan | undefined;
  readonly sensitive: boolean;
  /** Of a lazy signal, its number; -1. */
  lazy: number;
  /** It is the session's level, which nobody can send. */
  computed: boolean;
}

const align = (n: number, to: number): number => Math.ceil(n / to) * to;

const nothing: Plan = { name: "", fields: new Map(), order: [], size: 8, words: 1 };

/** A name as the keys of objects are, so that comparing the two compares addresses. */
const intern = (name: string): string => Object.keys({ [name]: 0 })[0]!;

/** Shapes are made once for each type. */
export class Shapes {
  readonly #made = new Map<Type, Shape>();

  of(type: Type): Shape {
    let shape = this.#made.get(type);
    if (!shape) this.#made.set(type, (shape = this.#make(type)));
    return shape;
  }

  #make(type: Type): Shape {
    const simple = typeof type === "string";
    const kind = simple ? type : Object.keys(type).find((k) => k === "list" || k === "map") ?? "object";
    const [size, aligned] = layouts[kind] ?? [8, 8];
    const shape = { kind, size, align: aligned, max: defaultMax, plan: nothing } as { -readonly [K in keyof Shape]: Shape[K] };
    shape.element = shape;
    if (!simple) {
      if ("object" in type) shape.plan = this.#body(type.object, type.name ?? "");
      else {
        shape.element = this.of("list" in type ? type.list : type.map);
        shape.max = type.max ?? defaultMax;
      }
    }
    return shape;
  }

  /** The layout of an object's body: what every authentication has stands first, and the rest by name. */
  #body(attributes: readonly Attribute[], name: string): Plan {
    const first = authentication.map((n) => attributes.find((a) => a.name === n && isAuthentication(a)));
    const ordered = first.every((a) => a) ? [...(first as Attribute[]), ...attributes.filter((a) => !first.includes(a))] : attributes;
    const words = Math.max(1, Math.ceil(ordered.length / 32));
    const fields = new Map<string, Field>();
    let size = 4 * words;
    for (const [bit, a] of ordered.entries()) {
      const shape = this.of(a.type);
      const offset = align(size, shape.align);
      size = offset + shape.size;
      fields.set(a.name, { ...this.field(a), offset, word: 4 * (bit >> 5), mask: 1 << (bit & 31) });
    }
    return { name, fields, order: [], size: align(size, 8), words };
  }

  /** A field that goes nowhere yet. */
  field(a: Attribute): Field {
    return { name: intern(a.name), shape: this.of(a.type), offset: -1, word: -1, mask: 0, inner: undefined, sensitive: a.sensitive === true, lazy: -1, computed: false };
  }

  /** A plan whose fields go nowhere yet. */
  plan(attributes: readonly Attribute[], name: string): Plan {
    return { ...nothing, name, fields: new Map(attributes.map((a) => [a.name, this.field(a)])), order: [] };
  }
}

function isAuthentication({ name, type }: Attribute): boolean {
  if (name === "amr") return typeof type === "object" && "list" in type && type.list === "string";
  return type === (name === "acr" ? "string" : "timestamp");
}

/** The plan of an object whose attributes go places of their own, or nowhere. */
function apart(body: Plan): Plan {
  return { ...body, fields: new Map([...body.fields].map(([name, f]) => [name, { ...f, offset: -1, word: -1, mask: 0 }])), order: [] };
}

/** How requests about an action are written. */
export interface Written {
  readonly signals: Plan;
  readonly params: Plan;
}

/** The plans of an action's signals and params, with the places of its slots. */
export function written(schema: Schema, action: Action, shapes: Shapes): Written {
  const resource = action.resource === undefined ? [] : [{ name: "resource", type: action.resource }];
  const signals = shapes.plan([...(schema.signals ?? []), ...resource], "");
  const level = signals.fields.get("session")?.shape.plan.fields.get("level");
  if (level) level.computed = true;
  for (const [i, name] of (schema.lazy ?? []).entries()) signals.fields.get(name)!.lazy = i;
  const params = shapes.plan(schema.params ?? [], "");
  for (const { path, bit, offset } of action.slots ?? []) {
    let at = (path[0] === "params" ? params : signals).fields.get(path[0] === "resource" ? "resource" : path[1]!)!;
    for (const name of path.slice(path[0] === "resource" ? 1 : 2)) {
      at.inner ??= apart(at.shape.plan);
      at = at.inner.fields.get(name)!;
    }
    at.word = bit < 32 ? recordPresence : recordWords + 4 * ((bit >> 5) - 1);
    at.mask = 1 << (bit & 31);
    at.offset = offset ?? -1;
  }
  return { signals, params };
}
