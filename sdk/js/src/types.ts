// What goes into a policy and what comes out of it. The members are those of the JSON of docs/language.md, by the same names.

/** A value of a request. Which of them an attribute takes, its type in the policy says:
 *
 * | type | values |
 * | --- | --- |
 * | bool | boolean |
 * | int, uint | a whole number of up to 2^53 in magnitude; bigint; a string of digits |
 * | double | a finite number |
 * | string | string |
 * | bytes | Uint8Array; a string of base64 |
 * | timestamp | Date; a string of RFC 3339 |
 * | duration | bigint (nanoseconds); a string such as "90s" or "1h30m" |
 * | ip, cidr | string |
 * | list | array |
 * | map, object | an object that is plain, or a Map |
 * | any | as JSON: null, boolean, a finite number, string, array, plain object or Map |
 *
 * What is `undefined` is not there; what is `null` is missing.
 */
export type Value = null | undefined | boolean | number | bigint | string | Date | Uint8Array | readonly Value[] | ReadonlyMap<string, Value> | { readonly [name: string]: Value };

/** A moment: a Date, milliseconds since 1970, or a text of RFC 3339. */
export type Moment = Date | number | string;

/** What is the host's to say of a request, and never its caller's. */
export interface Host {
  /** When it is; the policy's clock if it is left out. */
  readonly now?: Moment | undefined;
  /** The posture by its name; the policy's if it is left out. */
  readonly posture?: string | undefined;
  /** Values of params, over those of the policy's options. */
  readonly params?: { readonly [name: string]: Value } | ReadonlyMap<string, Value> | undefined;
}

/** A request: may the session do this? It is the host's own object, so it may hold what is the host's to say. */
export interface Request extends Host {
  readonly action: string;
  /** By name; the target of the action is `resource`. A lazy signal that is not there is pending; one that is null was looked for, and there is none. */
  readonly signals?: { readonly [name: string]: Value } | ReadonlyMap<string, Value> | undefined;
}

/** Methods of which one is asked for. */
export interface Group {
  readonly one_of: readonly string[];
}

/** What to challenge for. */
export interface Requirement<Level extends string = string> {
  readonly level: Level;
  /** In the order of preference: any of them does. Missing if the levels have none. */
  readonly acr_values?: readonly string[];
  /** How many seconds ago the authentication may be; 0 is: now. */
  readonly max_age?: number;
  readonly methods?: readonly Group[];
  /** Whether the methods that the subject has enrolled can meet it, if that is known. */
  readonly reachable?: boolean;
}

/** What the session proves. */
export interface Satisfied<Level extends string = string> {
  readonly level: Level;
  /** In seconds, of its freshest evidence; missing if none has an age. */
  readonly age?: number;
}

/** A rule, and what it asks for. */
export interface Reason<Rule extends string = string, Level extends string = string> {
  readonly rule: Rule;
  readonly effect: "deny" | "step_up";
  readonly level?: Level;
  readonly max_age?: number;
  readonly methods?: readonly string[];
  /** What the author says to people. */
  readonly message?: string;
  /** Of a rule on trial: the code of the error in its condition. */
  readonly code?: string;
  /** Of a rule on trial: it turns on a lazy signal that is not there. */
  readonly pending?: true;
}

/** A rule whose condition could not be decided. */
export interface Indeterminate<Rule extends string = string> {
  readonly rule: Rule;
  readonly code: string;
  readonly error: string;
  /** file:line:column, unless the module was stripped of it. */
  readonly at?: string;
}

/** Why a request was refused. */
export interface RequestError {
  readonly code: "unknown_action" | "invalid_request" | "engine_error";
  /** For the host's log: it quotes no value of a signal. */
  readonly message: string;
  /** A JSON Pointer to what is at fault. */
  readonly path?: string;
}

/** Which policy has decided. */
export interface Identity {
  readonly name?: string;
  readonly version?: string;
  readonly digest?: string;
}

interface Decided<Action extends string, Rule extends string, Level extends string> {
  readonly action: Action;
  readonly satisfied?: Satisfied<Level>;
  readonly indeterminate?: readonly Indeterminate<Rule>[];
  readonly shadow?: readonly Reason<Rule, Level>[];
  readonly shadow_effect?: "deny" | "step_up";
  readonly posture: string;
  readonly policy: Identity;
  readonly error?: undefined;
}

/** Go on. */
export interface Allow<Action extends string = string, Rule extends string = string, Level extends string = string> extends Decided<Action, Rule, Level> {
  readonly effect: "allow";
}

/** Authenticate anew, as the requirement says; then ask again. */
export interface StepUp<Action extends string = string, Rule extends string = string, Level extends string = string> extends Decided<Action, Rule, Level> {
  readonly effect: "step_up";
  readonly requirement: Requirement<Level>;
  readonly reasons: readonly Reason<Rule, Level>[];
}

/** No. */
export interface Deny<Action extends string = string, Rule extends string = string, Level extends string = string> extends Decided<Action, Rule, Level> {
  readonly effect: "deny";
  readonly reasons: readonly Reason<Rule, Level>[];
}

/** Ask again with these signals, `null` where there is none. */
export interface Need<Action extends string = string, Rule extends string = string, Level extends string = string, Lazy extends string = string>
  extends Omit<Decided<Action, Rule, Level>, "shadow" | "shadow_effect"> {
  readonly effect: "need";
  readonly need: readonly Lazy[];
}

/** The request could not be decided about, so: no. */
export interface Refused {
  readonly effect: "deny";
  readonly error: RequestError;
}

/** A decision. JSON.stringify writes it as every engine of Rung does. It must not be changed: decisions share their parts. */
export type Decision<Action extends string = string, Rule extends string = string, Level extends string = string, Lazy extends string = string> =
  | Allow<Action, Rule, Level>
  | StepUp<Action, Rule, Level>
  | Deny<Action, Rule, Level>
  | Need<Action, Rule, Level, Lazy>
  | Refused;
