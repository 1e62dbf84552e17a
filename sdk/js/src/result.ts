// Results as decisions: docs/abi.md, "The result". Every number is held against what it can be before it is used: what cannot be throws, and no decision comes of it.

import {
  codes,
  effects,
  faultCode,
  faultRule,
  faultSize,
  firstCode,
  resultAge,
  resultEffect,
  resultFaultList,
  resultFaults,
  resultGroupList,
  resultGroups,
  resultLevel,
  resultMaxAge,
  resultNeed,
  resultReachable,
  resultReasonSet,
  resultSatisfied,
  resultShadowEffect,
  resultShadowSet,
  resultWaitingSet,
} from "./abi.ts";
import type { Policy } from "./policy.ts";
import type { Level, Outputs, Rule } from "./schema.ts";
import type { Decision, Identity, Indeterminate, Reason } from "./types.ts";

/** How the results of an action are read. */
export interface Reader {
  readonly action: string;
  /** Its rules, by their numbers, and as decisions name them. */
  readonly rules: readonly Rule[];
  readonly reasons: readonly Reason[];
  readonly trial: boolean;
  readonly outputs: Outputs;
  readonly lazy: readonly string[] | undefined;
  readonly places: readonly string[] | undefined;
  readonly identity: Identity;
}

/** Reads JSON as what does not change, as decisions share it. */
export const frozen = <T>(text: string): T => JSON.parse(text, (_, v) => Object.freeze(v)) as T;

/** A reader of the results of an action, which has that number. */
export function newReader({ outputs, schema: { lazy }, identity }: Policy, places: readonly string[] | undefined, action: string, number: number): Reader {
  const rules = outputs.actions![number]!.map((n) => outputs.rules![n]!);
  const reasons = JSON.stringify(
    rules.map((x) => ({ ...x, rule: x.id })),
    ["rule", "effect", "level", "max_age", "methods", "message"],
  );
  return { action, rules, reasons: frozen(reasons), trial: rules.some((x) => x.shadow), outputs, lazy, places, identity };
}

/** The result at hand, and how it is read. */
let r: Reader;
let view: DataView;
let at: number;

/** What is there, or holds, as it has to. */
export function must<T>(v: T | false): NonNullable<T> {
  if (!v) throw new Error("it is none");
  return v;
}

const word = (address: number): number => view.getUint32(address, true);
const u32 = (offset: number): number => word(at + offset);

/** Whether a rule is in the set that a result points to. */
const has = (set: number, rule: number): number => (word(u32(set) + ((rule >> 5) << 2)) >>> rule) & 1;

/** A number of seconds; undefined where there is none. */
function seconds(offset: number): number | undefined {
  const n = view.getBigInt64(at + offset, true);
  must(n >= -1n);
  return n < 0n ? undefined : Number(n);
}

const levelAt = (offset: number): Level => must(r.outputs.levels?.[u32(offset) - 1]);

/** The places of bits, one at least, from 100 on: so lists of them are ordered as texts as the lists of the names are, which are ordered, too. */
function bits(from: number, names: readonly string[]): number[] {
  const all = view.getBigUint64(from, true);
  must(all && all < 1n << BigInt(names.length));
  return names.flatMap((_, i) => ((all >> BigInt(i)) & 1n ? i + 100 : []));
}

const named = (places: number[], names: readonly string[]): string[] => places.map((i) => names[i - 100]!);

function requirement(): object {
  const { name: level, acr_values } = levelAt(resultLevel);
  const { methods = [] } = r.outputs;
  const max_age = seconds(resultMaxAge);
  const reachable = u32(resultReachable);
  const groups: number[][] = [];
  must(reachable < 3 && u32(resultGroups) <= r.rules.length);
  for (let i = 0; i < u32(resultGroups); i++) groups.push(bits(u32(resultGroupList) + 8 * i, methods));
  const all: Record<string, unknown> = { level };
  if (acr_values) all["acr_values"] = acr_values;
  if (max_age !== undefined) all["max_age"] = max_age;
  if (groups.length) all["methods"] = groups.sort().map((places) => ({ one_of: named(places, methods) }));
  if (reachable) all["reachable"] = reachable > 1;
  return all;
}

/** What is said of the faults of conditions, by the numbers of the rules. A rule has one at most. */
function faultsOf(): Indeterminate[] {
  const { rules, places } = r;
  const all: Indeterminate[] = [];
  for (let i = 0; i < u32(resultFaults); i++) {
    const from = u32(resultFaultList) + faultSize * i;
    const rule = word(from + faultRule);
    const what = word(from + faultCode);
    const code = must(codes[(what & 255) - firstCode]);
    must(!all[rule]);
    all[rule] = { rule: must(rules[rule]).id, code, error: code.replaceAll("_", " "), ...(places && { at: must(places[what >>> 8]) }) };
  }
  return all;
}

/** The decision at an address. It throws if there is none. */
export function readResult(reader: Reader, memory: DataView, address: number, posture: string): Decision {
  r = reader;
  view = memory;
  at = must(address);
  const { action, rules, lazy = [] } = r;
  const number = u32(resultEffect);
  const effect = must(effects[number]);
  const trial = r.trial && number < 3;
  const changed = u32(resultShadowEffect);
  const faults = faultsOf();
  const reasons: Reason[] = [];
  const shadow: Reason[] = [];
  const indeterminate: Indeterminate[] = [];
  // A set has whole words, and nothing behind the last rule.
  for (let i = 0; i < rules.length || i % 32; i++) {
    const tried = trial && has(resultShadowSet, i);
    const waits = trial && has(resultWaitingSet, i);
    const rule = rules[i];
    const reason = r.reasons[i]!;
    const fault = faults[i];
    if (!(number % 2) && has(resultReasonSet, i)) {
      must(!must(rule).shadow && reason.effect === effect);
      reasons.push(reason);
    }
    if (tried || waits) {
      must(must(rule).shadow && tried !== waits);
      shadow.push(waits ? { ...reason, pending: true } : fault ? { ...reason, code: fault.code } : reason);
    }
    if (fault && !rule!.shadow) indeterminate.push(fault);
  }
  must(number % 2 || reasons.length);
  const d: Record<string, unknown> = { effect, action };
  if (number === 2) d["requirement"] = requirement();
  if (u32(resultSatisfied)) {
    const { name: level } = levelAt(resultSatisfied);
    const age = seconds(resultAge);
    d["satisfied"] = age === undefined ? { level } : { level, age };
  }
  if (reasons.length) d["reasons"] = reasons;
  if (shadow.length) d["shadow"] = shadow;
  if (changed) {
    must(trial && changed % 2 && changed - 1 !== number);
    d["shadow_effect"] = must(effects[changed - 1]);
  }
  if (indeterminate.length) d["indeterminate"] = indeterminate;
  if (number === 3) d["need"] = named(bits(at + resultNeed, lazy), lazy);
  d["posture"] = posture;
  d["policy"] = r.identity;
  return d as unknown as Decision;
}
