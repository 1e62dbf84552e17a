// What a module says of itself, and the plans by which requests are written: docs/abi.md, "What it says of itself" and "Values".

import { authentication, defaultMax, recordKnown, recordPosture, recordPresence, recordSeconds, recordWords, sizes } from "./abi.ts";

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

/** How a value is written: an attribute, signal or param, or the elements of a list or map. Places and bits are counted from the record, or from the body around the value. */
export interface Plan {
  readonly name: string;
  /** Its type's name, or what else is taken: "moment", "posture", and what nothing is. */
  readonly kind: string;
  /** Where the value goes. */
  offset: number;
  /** The bit that says that it is there, at 8 times the place of its byte. */
  bit: number;
  /** Of a lazy signal, the bit that says that it was looked for. */
  lazy: number;
  readonly sensitive: boolean;
  /** Of an object. */
  readonly fields: ReadonlyMap<string, Plan>;
  readonly size: number;
  /** Of a list or map: how many elements it may have, and what they are. Those of type any are of type any. */
  readonly max: number;
  element: Plan;
  /** Of an object that has a body, its bytes. Else its attributes go places of their own. */
  body: number;
}

/** Before a record, where nobody reads: what no rule looks at goes there, and the bit of what nobody may send. */
export const before = 24;
const nowhere = -16;
const forbidden = 8 * -before;

/** Where what needs so many bytes begins. */
export const aligned = (at: number, size: number): number => {
  const last = Math.min(size, 8) - 1;
  return (at + last) & ~last;
};

/** A plan of a value that goes nowhere yet, and of the members of an object. */
function planOf({ name, type, sensitive = false }: Attribute): Plan {
  // A type that is a text has none of these.
  const { list, map, object, max = defaultMax } = type as { readonly list?: Type; readonly map?: Type; readonly object?: readonly Attribute[]; readonly max?: number };
  const of = list ?? map;
  const kind = list ? "list" : map ? "map" : object ? "object" : (type as string);
  const plan = {
    name,
    kind,
    offset: nowhere,
    bit: 8 * nowhere,
    lazy: 8 * nowhere,
    sensitive,
    fields: new Map(object?.map((a) => [a.name, planOf({ sensitive, ...a })])),
    size: sizes[kind] ?? 8,
    max,
    body: 0,
  } as unknown as Plan;
  plan.element = of ? layOut(planOf({ name, type: of, sensitive })) : plan;
  return plan;
}

/** Gives an object a body: what every authentication has stands first, and the rest by name. */
function layOut(o: Plan): Plan {
  const all = [...o.fields.values()];
  const first = Object.keys(authentication).map((name) => o.fields.get(name));
  const has = first.every((f) => f && `${f.kind} ${f.element.kind}` === authentication[f.name]);
  let at = 4 * Math.ceil((all.length || 1) / 32);
  let bit = 0;
  for (const f of new Set(has ? [...(first as Plan[]), ...all] : all)) {
    f.offset = aligned(at, layOut(f).size);
    at = f.offset + f.size;
    f.bit = bit++;
  }
  o.body = aligned(at, 8);
  return o;
}

/** What the host says of a request, and nobody else. */
export const hosts = ["now", "posture", "params"] as const;

/** How the host's requests about an action are written. Where the action has no resource, null is all that is one. */
export function planOfRequests({ signals = [], params = [], lazy = [] }: Schema, { resource = "resource", slots = [] }: Partial<Action>): Plan {
  const request = planOf({
    name: "",
    type: {
      object: [
        { name: "action", type: "string" },
        { name: "now", type: "moment" },
        { name: "posture", type: "posture" },
        { name: "params", type: { object: params } },
        { name: "signals", type: { object: [...signals, { name: "resource", type: resource }] } },
      ],
    },
  });
  const find = (...path: readonly string[]): Plan => path.reduce((at, name) => at.fields.get(name)!, request);
  find("now").offset = recordSeconds;
  find("posture").offset = recordPosture;
  for (const [i, name] of lazy.entries()) find("signals", name).lazy = 8 * recordKnown + i;
  // The first word of presence stands before the others.
  for (const { path, bit, offset = nowhere } of slots) {
    const at = path[0] === "resource" ? find("signals", ...path) : find(...path);
    if (offset >= 0) layOut(at);
    at.offset = offset;
    at.bit = bit + 8 * (bit < 32 ? recordPresence : recordWords - 4);
  }
  const level = find("signals").fields.get("session")?.fields.get("level");
  if (level) level.bit = forbidden;
  return request;
}
