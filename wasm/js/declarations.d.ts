/** A moment: a Date, milliseconds since 1970, or a text of RFC 3339. */
export type Moment = Date | number | string;

/** A request about one of some actions: its resource has the type that the action says. */
export type Request<A extends Action = Action> = {
  [K in A]: {
    readonly action: K;
    /** A lazy signal that is not there is pending; one that is null was looked for, and there is none. */
    readonly signals?: (Signals & (Resources[K] extends undefined ? { readonly resource?: null | undefined } : { readonly resource?: Resources[K] | null | undefined })) | undefined;
    /** When it is; the policy's clock if it is left out. */
    readonly now?: Moment | undefined;
    readonly posture?: Posture | undefined;
    readonly params?: Params | undefined;
  };
}[A];

/** What to challenge for. */
export interface Requirement {
  readonly level: Level;
  /** In the order of preference: any of them does. */
  readonly acr_values?: readonly string[];
  /** How many seconds ago the authentication may be; 0 is: now. */
  readonly max_age?: number;
  /** One of each group. */
  readonly methods?: readonly { readonly one_of: readonly string[] }[];
  /** Whether the methods that the subject has enrolled can meet it, if that is known. */
  readonly reachable?: boolean;
}

/** A rule, and what it asks for. */
export interface Reason {
  readonly rule: Rule;
  readonly effect: "deny" | "step_up";
  readonly level?: Level;
  readonly max_age?: number;
  readonly methods?: readonly string[];
  readonly message?: string;
  /** Of a rule on trial: the code of the error in its condition. */
  readonly code?: string;
  /** Of a rule on trial: it turns on a lazy signal that is not there. */
  readonly pending?: true;
}

interface Decided<A extends Action> {
  readonly action: A;
  /** What the session proves. */
  readonly satisfied?: { readonly level: Level; readonly age?: number };
  readonly indeterminate?: readonly { readonly rule: Rule; readonly code: string; readonly error: string; readonly at?: string }[];
  readonly shadow?: readonly Reason[];
  readonly shadow_effect?: "deny" | "step_up";
  readonly posture: Posture;
  readonly policy: { readonly name?: string; readonly version?: string; readonly digest?: string };
  readonly error?: undefined;
}

/** A decision. It must not be changed: decisions share their parts. */
export type Decision<A extends Action = Action> =
  | (Decided<A> & { readonly effect: "allow" })
  | (Decided<A> & { readonly effect: "step_up"; readonly requirement: Requirement; readonly reasons: readonly Reason[] })
  | (Decided<A> & { readonly effect: "deny"; readonly reasons: readonly Reason[] })
  | (Decided<A> & { readonly effect: "need"; readonly need: readonly Lazy[] })
  | { readonly effect: "deny"; readonly error: { readonly code: "unknown_action" | "invalid_request" | "engine_error"; readonly message: string; readonly path?: string } };

/** How a policy decides. */
export interface Options {
  /** Where requests take the time from that do not say it; Date.now if it is left out. */
  readonly clock?: (() => Moment) | undefined;
  readonly posture?: Posture | (() => Posture) | undefined;
  readonly params?: Params | (() => Params) | undefined;
  /** Refuse unknown signals and attributes, which are ignored by default. */
  readonly strict?: boolean | undefined;
}

/** The policy. Decisions are synchronous, and taken one at a time. */
export interface Policy {
  readonly identity: { readonly name?: string; readonly version?: string; readonly digest?: string };
  /** Decides. It never throws: a request that cannot be decided about is denied, with the error in the decision. */
  decide<A extends Action>(request: Request<A>): Decision<A>;
}

/** Fetches a lazy signal. null and undefined say that there is none. */
export type Provider<N extends Lazy = Lazy> = (about: { readonly signal: N; readonly request: Request; readonly abort: AbortSignal }) => Signals[N & keyof Signals] | Promise<Signals[N & keyof Signals]>;

/** Decides, and asks the providers for the lazy signals that the outcome turns on, each once. The answer is never `need`. */
export declare function decideWith<A extends Action>(
  policy: Policy,
  providers: { readonly [N in Lazy]?: Provider<N> },
  request: Request<A>,
  options?: { readonly timeout?: number | undefined; readonly abort?: AbortSignal | undefined; readonly report?: ((signal: Lazy, error: unknown) => void) | undefined },
): Promise<Decision<A>>;

/** A module that cannot be used, or options that do not fit it. */
export declare class LoadError extends Error {}

/** The policy. Where modules cannot be compiled at run time, as at the edge, pass the one that was imported. */
export declare function load(options?: Options, module?: WebAssembly.Module): Promise<Policy>;

/** The policy, without waiting. */
export declare function loadSync(options?: Options, module?: WebAssembly.Module): Policy;
