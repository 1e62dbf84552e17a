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
  resultWaitingSet,
} from "./abi.ts";
import type { Level, Outputs, Rule } from "./schema.ts";
import type { Decision, Identity, Indeterminate, Reason } from "./types.ts";

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
  readonly trial: boolean;
  /** Decisions of late, but for what the session proves, by a hash of the numbers that they are made of: most are like one before. */
  readonly kept: Map<number, { readonly key: Int32Array; readonly decision: Decision }>;
}

/** What is thrown for a result that no decision can be. */
const broken = Symbol();

function must(holds: unknown): asserts holds {
  if (!holds) throw broken;
}

/** Reads JSON as what does not change, as decisions share it; without empty lists, where they say nothing. */
export const frozen = <T>(text: string, lean?: boolean): T => JSON.parse(text, (_, v) => (lean && v?.length === 0 ? undefined : Object.freeze(v))) as T;

/** A reader of the results of an action, which has that number. */
export function newReader(shared: Shared, action: string, number: number): Reader {
  const rules = shared.outputs.actions![number]!.map((n) => shared.outputs.rules![n]!);
  const reasons = rules.map(({ id: rule, effect, level, max_age, methods, message }) => ({ rule, effect, level, max_age, methods, message }) as Reason);
  return { ...shared, action, rules, reasons, trial: rules.some((x) => x.shadow), kept: new Map() };
}

/** The result at hand. */
let r: Reader;
let view: DataView;
let at: number;
const key = new Int32Array(64);

const u32 = (offset: number): number => view.getUint32(at + offset, true);

/** The decision at an address; undefined if there is none. */
export function readResult(reader: Reader, memory: DataView, address: number, posture: string, rank: number): Decision | undefined {
  r = reader;
  view = memory;
  at = address;
  try {
    must(at);
    const place = u32(resultSatisfied);
    const decision = remembered(posture, place ? rank : ~rank);
    if (!place) return { ...decision };
    const { name: level } = levelOf(place);
    const age = seconds(resultAge);
    return { ...decision, satisfied: age === undefined ? { level } : { level, age } } as Decision;
  } catch (e) {
    // What is not there comes out as one of the two errors.
    if (e === broken || e instanceof RangeError || e instanceof TypeError) return undefined;
    throw e;
  }
}

/** The decision, as it was made before if it was. The rank of the posture is negated where the session proves nothing. */
function remembered(posture: string, rank: number): Decision {
  const effect = u32(resultEffect);
  const groups = u32(resultGroups);
  const faults = u32(resultFaults);
  const words = (r.rules.length + 31) >> 5;
  // The numbers that it is made of, how many, and a hash of them. With more than there is room for, none is like another.
  let length = 1;
  let hash = rank;
  key[0] = rank;
  const add = (address: number, n: number): void => {
    for (let i = 0; i < n; i++) {
      const word = view.getInt32(address + 4 * i, true);
      key[length++] = word;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
  };
  add(at + resultEffect, 2);
  if (effect === 2) {
    add(at + resultLevel, 4);
    add(u32(resultGroupList), 2 * groups);
  }
  if (effect === 3) add(at + resultNeed, 2);
  if (!(effect % 2)) add(u32(resultReasonSet), words);
  if (r.trial && effect < 3) {
    add(u32(resultShadowSet), words);
    add(u32(resultWaitingSet), words);
  }
  add(u32(resultFaultList), 2 * faults);
  const { kept } = r;
  const had = kept.get(hash);
  if (had !== undefined && isSame(had.key, length)) return had.decision;
  const decision = decided(posture, rank);
  if (kept.size > 63) kept.clear();
  kept.set(hash, { key: key.slice(0, length), decision });
  return decision;
}

function isSame(other: Int32Array, length: number): boolean {
  if (other.length !== length) return false;
  for (let i = 0; i < length; i++) if (other[i] !== key[i]) return false;
  return true;
}

/** A number of seconds; undefined where there is none. */
function seconds(offset: number): number | undefined {
  const high = view.getInt32(at + offset + 4, true);
  const low = u32(offset);
  must(high >= 0 || (high === -1 && low === 2 ** 32 - 1));
  return high < 0 ? undefined : high * 2 ** 32 + low;
}

function levelOf(place: number): Level {
  const level = r.outputs.levels?.[place - 1];
  must(level);
  return level;
}

/** The numbers of the rules of a set, each of which is such that it may be there. */
function set(offset: number, may: (rule: Rule) => unknown): number[] {
  const out: number[] = [];
  const from = u32(offset);
  for (let i = 0; i < ((r.rules.length + 31) >> 5) << 5; i++) {
    if (!((view.getUint32(from + 4 * (i >> 5), true) >>> i) & 1)) continue;
    must(may(r.rules[i]!));
    out.push(i);
  }
  return out;
}

/** The places of bits, one at least, as characters: texts of them are ordered as the lists of the names are, which are ordered, too. */
function bits(from: number, names: readonly string[] = []): string {
  const all = view.getBigUint64(from, true);
  must(all && all < 1n << BigInt(names.length));
  return String.fromCharCode(...names.flatMap((_, i) => ((all >> BigInt(i)) & 1n ? i : [])));
}

const named = (places: string, names: readonly string[] = []): readonly string[] => Array.from(places, (c) => names[c.charCodeAt(0)]!);

function requirement() {
  const { name: level, acr_values } = levelOf(u32(resultLevel));
  const reachable = u32(resultReachable);
  const n = u32(resultGroups);
  const { methods } = r.outputs;
  must(reachable < 3 && n <= r.rules.length);
  const groups = new Set(Array.from({ length: n }, (_, i) => bits(u32(resultGroupList) + 8 * i, methods)).sort());
  must(groups.size === n);
  return {
    level,
    acr_values,
    max_age: seconds(resultMaxAge),
    methods: Array.from(groups, (places) => ({ one_of: named(places, methods) })),
    reachable: reachable ? reachable === 2 : undefined,
  };
}

/** The codes of the faults of conditions, by the numbers of the rules, and what is said of those that are not on trial. */
function faultsOf(): { codesOf: Map<number, string>; indeterminate: readonly Indeterminate[] } {
  const codesOf = new Map<number, string>();
  const found: Indeterminate[] = [];
  for (let i = 0; i < u32(resultFaults); i++) {
    const fault = u32(resultFaultList) + faultSize * i;
    const rule = view.getUint32(fault + faultRule, true);
    const what = view.getUint32(fault + faultCode, true);
    const code = codes[(what & 255) - firstCode];
    const { id, shadow } = r.rules[rule]!;
    must(code && !codesOf.has(rule) && (!r.places || what >>> 8 < r.places.length));
    codesOf.set(rule, code);
    if (!shadow) found[rule] = { rule: id, code, error: code.replaceAll("_", " "), at: r.places?.[what >>> 8] as string };
  }
  return { codesOf, indeterminate: found.flat() };
}

/** Makes a decision, but for what the session proves. */
function decided(posture: string, rank: number): Decision {
  const number = u32(resultEffect);
  const effect = effects[number];
  must(effect);
  const { codesOf, indeterminate } = faultsOf();
  const reasons = number % 2 ? undefined : set(resultReasonSet, (x) => !x.shadow && x.effect === effect).map((i) => r.reasons[i]!);
  must(reasons?.length !== 0);
  const shadow: Reason[] = [];
  const changed = u32(resultShadowEffect);
  must(!changed || (r.trial && number < 3 && changed % 2 && changed - 1 !== number));
  if (r.trial && number < 3) {
    for (const i of set(resultShadowSet, (x) => x.shadow)) shadow[i] = { ...r.reasons[i], code: codesOf.get(i) } as Reason;
    for (const i of set(resultWaitingSet, (x) => x.shadow)) {
      must(!shadow[i]);
      shadow[i] = { ...r.reasons[i]!, pending: true };
    }
  }
  const decision = {
    effect,
    action: r.action,
    requirement: number === 2 ? requirement() : undefined,
    satisfied: rank < 0 ? undefined : {}, // the place among the members
    reasons,
    shadow: shadow.flat(),
    shadow_effect: changed ? effects[changed - 1] : undefined,
    indeterminate,
    need: number === 3 ? named(bits(at + resultNeed, r.lazy), r.lazy) : undefined,
    posture,
    policy: r.identity,
  };
  return { ...frozen<Decision>(JSON.stringify(decision), true) };
}
