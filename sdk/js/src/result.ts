// Results as decisions: docs/abi.md, "The result". Every number is held against what it can be before it is used.

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
  resultSize,
  resultWaitingSet,
} from "./abi.ts";
import { compare } from "./record.ts";
import type { Outputs, Rule } from "./schema.ts";
import type { Decision, Identity, Reason } from "./types.ts";

/** What the actions of a module share of their decisions. */
export interface Shared {
  readonly outputs: Outputs;
  readonly lazy: readonly string[];
  readonly places: readonly string[] | undefined;
  readonly identity: Identity;
}

/** How the results of an action are read. */
export interface Reader extends Shared {
  readonly action: string;
  readonly rules: readonly Rule[];
  readonly reasons: readonly Reason[];
  /** Decisions of late, but for what the session proves: most are like one before. */
  readonly kept: { readonly key: Int32Array; readonly decision: Decision }[];
  readonly key: Int32Array;
}

/** What is thrown for a result that no decision can be. */
const broken = Symbol("broken");

function must(holds: unknown): asserts holds {
  if (!holds) throw broken;
}

const { freeze } = Object;

/** An object without the members that say nothing. */
const lean = <T extends object>(o: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined && (v as { length?: number }).length !== 0)) as T;

/** One that does not change, as decisions share it. */
const leanest = <T extends object>(o: { readonly [K in keyof T]: T[K] | undefined }): T => freeze(lean(o));

/** A reader of the results of an action, which has that number. */
export function newReader(shared: Shared, action: string, number: number): Reader {
  const rules = shared.outputs.actions![number]!.map((n) => shared.outputs.rules![n]!);
  const reasons = rules.map(({ id: rule, effect, level, max_age, methods, message }) => leanest<Reason>({ rule, effect, level, max_age, methods, message } as Reason));
  return { ...shared, action, rules, reasons, kept: [], key: new Int32Array(31) };
}

/** The numbers of a result that a decision is made of, but for what the session proves, and those that are pointed to. */
const words = [resultEffect, resultShadowEffect, resultLevel, resultReachable, resultMaxAge, resultMaxAge + 4, resultGroups, resultNeed, resultNeed + 4];
const sets = [resultReasonSet, resultShadowSet, resultWaitingSet];

/** The decision at an address; undefined if there is none. */
export function readResult(r: Reader, view: DataView, at: number, posture: string, rank: number): Decision | undefined {
  try {
    must(at && at + resultSize <= view.byteLength);
    const place = view.getUint32(at + resultSatisfied, true);
    const decision = remembered(r, view, at, posture, place ? rank : ~rank);
    if (!place) return { ...decision };
    const { name: level } = levelOf(r, place);
    const age = seconds(view, at + resultAge);
    return { ...decision, satisfied: age === undefined ? { level } : { level, age } } as Decision;
  } catch (e) {
    // What is not there comes out as one of the two errors.
    if (e === broken || e instanceof RangeError || e instanceof TypeError) return undefined;
    throw e;
  }
}

/** The decision, as it was made before if it was. The rank of the posture is negated where the session proves nothing. */
function remembered(r: Reader, view: DataView, at: number, posture: string, rank: number): Decision {
  const groups = view.getUint32(at + resultGroups, true);
  const faults = view.getUint32(at + resultFaults, true);
  if (r.rules.length > 32 || groups > 1 || faults > 8) return decided(r, view, at, posture, rank);
  const { key, kept } = r;
  key[0] = rank;
  for (let i = 0; i < words.length; i++) key[i + 1] = view.getInt32(at + words[i]!, true);
  for (let i = 0; i < sets.length; i++) key[i + 10] = view.getInt32(view.getUint32(at + sets[i]!, true), true);
  const group = groups ? view.getUint32(at + resultGroupList, true) : at + resultNeed;
  key[13] = view.getInt32(group, true);
  key[14] = view.getInt32(group + 4, true);
  const list = view.getUint32(at + resultFaultList, true);
  for (let i = 0; i < 16; i++) key[i + 15] = i < 2 * faults ? view.getInt32(list + 4 * i, true) : -1;
  for (const k of kept) if (same(k.key, key)) return k.decision;
  const decision = decided(r, view, at, posture, rank);
  if (kept.unshift({ key: key.slice(), decision }) > 32) kept.pop();
  return decision;
}

function same(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A number of seconds; undefined where there is none. */
function seconds(view: DataView, at: number): number | undefined {
  const high = view.getInt32(at + 4, true);
  const low = view.getUint32(at, true);
  must(high >= 0 || (high === -1 && low === 2 ** 32 - 1));
  return high < 0 ? undefined : high * 2 ** 32 + low;
}

function levelOf({ outputs: { levels } }: Shared, place: number): { readonly name: string; readonly acr_values?: readonly string[] } {
  const level = levels?.[place - 1];
  must(level);
  return level;
}

/** Makes a decision, but for what the session proves. */
function decided(r: Reader, view: DataView, at: number, posture: string, rank: number): Decision {
  const u32 = (offset: number): number => view.getUint32(at + offset, true);
  const number = u32(resultEffect);
  const effect = effects[number];
  must(effect);

  /** The numbers of the rules of a set, each of which is such that it may be there. */
  const set = (offset: number, may: (rule: Rule) => boolean): number[] => {
    const out: number[] = [];
    for (let i = 0; i < ((r.rules.length + 31) >> 5) << 5; i++) {
      if (!((view.getUint32(u32(offset) + 4 * (i >> 5), true) >>> i) & 1)) continue;
      must(may(r.rules[i]!));
      out.push(i);
    }
    return out;
  };
  /** The names of bits, one at least. */
  const named = (from: number, names: readonly string[] = []): readonly string[] => {
    const bits = view.getBigUint64(from, true);
    must(bits && bits < 1n << BigInt(names.length));
    return freeze(names.filter((_, i) => (bits >> BigInt(i)) & 1n));
  };

  const requirement = () => {
    const { name: level, acr_values } = levelOf(r, u32(resultLevel));
    const reachable = u32(resultReachable);
    const n = u32(resultGroups);
    must(reachable < 3 && n <= r.rules.length);
    const groups = Array.from({ length: n }, (_, i) => named(u32(resultGroupList) + 8 * i, r.outputs.methods));
    // Names have no control characters, and what separates them here comes before all others.
    const methods = groups.sort((a, b) => compare(a.join("\0"), b.join("\0"))).map((one_of) => freeze({ one_of }));
    must(new Set(groups.map(String)).size === n);
    return leanest({ level, acr_values, max_age: seconds(view, at + resultMaxAge), methods: freeze(methods), reachable: reachable ? reachable === 2 : undefined });
  };

  const faults = new Map<number, string>();
  const indeterminate = [];
  for (let i = 0; i < u32(resultFaults); i++) {
    const fault = u32(resultFaultList) + faultSize * i;
    const rule = view.getUint32(fault + faultRule, true);
    const what = view.getUint32(fault + faultCode, true);
    const [code, error] = codes[(what & 255) - firstCode] as readonly [string, string];
    const { id, shadow } = r.rules[rule]!;
    must(!faults.has(rule) && (!r.places || what >>> 8 < r.places.length));
    faults.set(rule, code);
    if (!shadow) indeterminate.push(leanest({ rule: id, code, error, at: r.places?.[what >>> 8] }));
  }

  const reasons = number % 2 ? undefined : set(resultReasonSet, (x) => !x.shadow && x.effect === effect).map((i) => r.reasons[i]!);
  must(reasons?.length !== 0);
  const shadow = [];
  const changed = u32(resultShadowEffect);
  if (number < 3 && r.rules.some((x) => x.shadow)) {
    const onTrial = (x: Rule): boolean => x.shadow === true;
    const waiting = set(resultWaitingSet, onTrial);
    for (const i of [...set(resultShadowSet, onTrial), ...waiting].sort((a, b) => a - b)) {
      shadow.push(leanest<Reason>({ ...r.reasons[i]!, ...(waiting.includes(i) ? { pending: true } : { code: faults.get(i) }) } as Reason));
    }
    must(new Set(shadow.map((x) => x.rule)).size === shadow.length && (!changed || (changed % 2 && changed - 1 !== number)));
  } else must(!changed);
  return lean<Decision>({
    effect,
    action: r.action,
    requirement: number === 2 ? requirement() : undefined,
    satisfied: rank < 0 ? undefined : {}, // the place among the members
    reasons: reasons && freeze(reasons),
    shadow: freeze(shadow),
    shadow_effect: changed ? effects[changed - 1] : undefined,
    indeterminate: freeze(indeterminate.sort((a, b) => compare(a.rule, b.rule))),
    need: number === 3 ? named(at + resultNeed, r.lazy) : undefined,
    posture,
    policy: r.identity,
  } as unknown as Decision);
}
