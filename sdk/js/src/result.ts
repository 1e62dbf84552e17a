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
import type { Decision, Group, Identity, Indeterminate, Reason, Requirement, Satisfied } from "./types.ts";

/** What the actions of a module share of their decisions. */
export interface Shared {
  readonly outputs: Outputs;
  readonly lazy: readonly string[];
  readonly places: readonly string[] | undefined;
  readonly identity: Identity;
}

/** What a rule is in a decision. */
function reason({ id, effect, level, max_age, methods, message }: Rule): Reason {
  return Object.freeze({
    rule: id,
    effect,
    ...(level !== undefined && { level }),
    ...(max_age !== undefined && { max_age }),
    ...(methods && { methods }),
    ...(message !== undefined && { message }),
  });
}

/** What was asked for of late, and why. */
interface Challenge {
  readonly key: Int32Array;
  readonly requirement: Requirement;
  readonly reasons: readonly Reason[];
}

/** Where in a result the numbers stand that a challenge is made of, but for those that it points to. */
const keyed = [resultLevel, resultReachable, resultMaxAge, resultMaxAge + 4, resultGroups];

/** How many challenges an action keeps: the same rules ask for the same again and again. */
const kept = 16;

/** What is thrown for a result that no decision can be. */
class Broken {}

function must(holds: unknown): asserts holds {
  if (!holds) throw new Broken();
}

/** Reads the results of an action. */
export class Reader {
  readonly #shared: Shared;
  readonly #action: string;
  readonly #rules: readonly Rule[];
  readonly #reasons: readonly Reason[];
  readonly #onTrial: boolean;
  readonly #challenges: Challenge[] = [];
  readonly #key: Int32Array = new Int32Array(keyed.length + 3);
  #view!: DataView;
  #at = 0;
  #faults: Map<number, number> | undefined;

  constructor(shared: Shared, action: string, number: number) {
    this.#shared = shared;
    this.#action = action;
    this.#rules = shared.outputs.actions![number]!.map((n) => shared.outputs.rules![n]!);
    this.#reasons = this.#rules.map(reason);
    this.#onTrial = this.#rules.some((r) => r.shadow);
  }

  /** The decision at an address; undefined if there is none. */
  read(view: DataView, at: number, posture: string): Decision | undefined {
    this.#view = view;
    this.#at = at;
    this.#faults = undefined;
    try {
      must(at && at + resultSize <= view.byteLength);
      return this.#decision(posture);
    } catch (e) {
      if (e instanceof Broken || e instanceof RangeError || e instanceof TypeError) return undefined;
      throw e;
    }
  }

  #u32(offset: number): number {
    return this.#view.getUint32(this.#at + offset, true);
  }

  /** A number of seconds; undefined where there is none. */
  #seconds(offset: number): number | undefined {
    const high = this.#view.getInt32(this.#at + offset + 4, true);
    const low = this.#u32(offset);
    must(high >= 0 || (high === -1 && low === 0xffffffff));
    return high < 0 ? undefined : high * 0x1_0000_0000 + low;
  }

  #decision(posture: string): Decision {
    const effect = this.#u32(resultEffect);
    const shadowEffect = this.#u32(resultShadowEffect);
    const faults = this.#u32(resultFaults);
    const satisfied = this.#satisfied();
    const policy = this.#shared.identity;
    const action = this.#action;
    if (effect === 1 && !(shadowEffect | faults) && !this.#onTrial) {
      return satisfied ? { effect: "allow", action, satisfied, posture, policy } : { effect: "allow", action, posture, policy };
    }
    if (effect === 2 && !(shadowEffect | faults) && !this.#onTrial) {
      const { requirement, reasons } = this.#challenge();
      return satisfied
        ? { effect: "step_up", action, requirement, satisfied, reasons, posture, policy }
        : { effect: "step_up", action, requirement, reasons, posture, policy };
    }
    must(effect < effects.length);
    const d: Record<string, unknown> = { effect: effects[effect], action };
    const indeterminate = faults ? this.#indeterminate(faults) : [];
    if (effect === 2) d["requirement"] = this.#requirement();
    if (satisfied) d["satisfied"] = satisfied;
    if (effect === 0 || effect === 2) d["reasons"] = this.#made();
    if (this.#onTrial && effect !== 3) this.#shadow(d, effect, shadowEffect);
    else must(!shadowEffect);
    if (indeterminate.length) d["indeterminate"] = indeterminate;
    if (effect === 3) d["need"] = this.#need();
    d["posture"] = posture;
    d["policy"] = policy;
    return d as unknown as Decision;
  }

  #satisfied(): Satisfied | undefined {
    const place = this.#u32(resultSatisfied);
    if (!place) return undefined;
    const level = this.#level(place);
    const age = this.#seconds(resultAge);
    return age === undefined ? { level } : { level, age };
  }

  #level(place: number): string {
    const level = this.#shared.outputs.levels?.[place - 1];
    must(level);
    return level.name;
  }

  /** Whether a set of rules has a rule. */
  #has(set: number, rule: number): boolean {
    return ((this.#view.getUint32(this.#u32(set) + 4 * (rule >> 5), true) >>> (rule & 31)) & 1) === 1;
  }

  /** The rules of a set, each of which is such that it may be there. */
  #set(set: number, may: (r: Rule) => boolean): number[] {
    const n = this.#rules.length;
    const out: number[] = [];
    for (let i = 0; i < Math.ceil(n / 32) * 32; i++) {
      if (!this.#has(set, i)) continue;
      must(i < n && may(this.#rules[i]!));
      out.push(i);
    }
    return out;
  }

  /** The rules that made the effect, one at least. */
  #made(): readonly Reason[] {
    const effect = effects[this.#u32(resultEffect)];
    const made = this.#set(resultReasonSet, (r) => !r.shadow && r.effect === effect);
    must(made.length);
    return Object.freeze(made.map((i) => this.#reasons[i]!));
  }

  /** What to challenge for, and why, as it was made before if it was. */
  #challenge(): Challenge {
    const key = this.#key;
    let at = 0;
    for (const offset of keyed) key[at++] = this.#u32(offset);
    const groups = this.#u32(resultGroups);
    const few = this.#rules.length <= 32 && groups < 2;
    if (few) {
      key[at++] = this.#view.getUint32(this.#u32(resultReasonSet), true);
      const group = groups ? this.#u32(resultGroupList) : -1;
      key[at++] = group < 0 ? 0 : this.#view.getUint32(group, true);
      key[at++] = group < 0 ? 0 : this.#view.getUint32(group + 4, true);
      for (const c of this.#challenges) if (same(c.key, key)) return c;
    }
    const made = { key: key.slice(), requirement: this.#requirement(), reasons: this.#made() };
    if (few && this.#challenges.unshift(made) > kept) this.#challenges.pop();
    return made;
  }

  #requirement(): Requirement {
    const place = this.#u32(resultLevel);
    const level = this.#level(place);
    const { acr_values } = this.#shared.outputs.levels![place - 1]!;
    const max_age = this.#seconds(resultMaxAge);
    const reachable = this.#u32(resultReachable);
    must(reachable < 3);
    const methods = this.#methods();
    return Object.freeze({
      level,
      ...(acr_values && { acr_values }),
      ...(max_age !== undefined && { max_age }),
      ...(methods.length && { methods }),
      ...(reachable && { reachable: reachable === 2 }),
    });
  }

  /** The groups of methods, none of which is there twice. */
  #methods(): readonly Group[] {
    const n = this.#u32(resultGroups);
    must(n <= this.#rules.length);
    const groups: (readonly string[])[] = [];
    for (let i = 0; i < n; i++) groups.push(this.#named(this.#u32(resultGroupList) + 8 * i, this.#shared.outputs.methods ?? []));
    groups.sort((a, b) => {
      for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return compare(a[i]!, b[i]!);
      return a.length - b.length;
    });
    must(groups.every((g, i) => !i || g.join("\0") !== groups[i - 1]!.join("\0")));
    return Object.freeze(groups.map((one_of) => Object.freeze({ one_of })));
  }

  /** The names of bits, one at least. */
  #named(at: number, names: readonly string[]): readonly string[] {
    const set = this.#view.getBigUint64(at, true);
    must(set && set < 1n << BigInt(names.length));
    return Object.freeze(names.filter((_, i) => (set >> BigInt(i)) & 1n));
  }

  #need(): readonly string[] {
    return this.#named(this.#at + resultNeed, this.#shared.lazy);
  }

  /** The errors of rules, of which those of rules on trial are not listed. */
  #indeterminate(n: number): Indeterminate[] {
    must(n <= this.#rules.length);
    const { places } = this.#shared;
    const out: Indeterminate[] = [];
    this.#faults = new Map();
    for (let i = 0; i < n; i++) {
      const at = this.#u32(resultFaultList) + faultSize * i;
      const number = this.#view.getUint32(at + faultRule, true);
      const fault = this.#view.getUint32(at + faultCode, true);
      const rule = this.#rules[number];
      const code = codes[(fault & 255) - firstCode];
      must(rule && code && !this.#faults.has(number) && (!places || fault >>> 8 < places.length));
      this.#faults.set(number, (fault & 255) - firstCode);
      if (rule.shadow) continue;
      const place = places?.[fault >>> 8];
      out.push({ rule: rule.id, code: code[0], error: code[1], ...(place && { at: place }) });
    }
    return out.sort((a, b) => compare(a.rule, b.rule));
  }

  /** What the rules on trial have come to: they can only make the effect stricter. */
  #shadow(d: Record<string, unknown>, effect: number, with_: number): void {
    const onTrial = (r: Rule): boolean => r.shadow === true;
    const applying = this.#set(resultShadowSet, onTrial);
    const waiting = this.#set(resultWaitingSet, onTrial);
    must(!applying.some((i) => waiting.includes(i)));
    const all = [...applying, ...waiting].sort((a, b) => a - b);
    if (all.length) {
      d["shadow"] = all.map((i): Reason => {
        if (waiting.includes(i)) return { ...this.#reasons[i]!, pending: true };
        const fault = this.#faults?.get(i);
        return fault === undefined ? this.#reasons[i]! : { ...this.#reasons[i]!, code: codes[fault]![0] };
      });
    }
    if (!with_) return;
    must((with_ === 1 || with_ === 3) && with_ - 1 !== effect);
    d["shadow_effect"] = effects[with_ - 1];
  }
}

function same(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
