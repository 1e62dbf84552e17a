// The values that the worker's session takes and returns: ../../session, as JSON.

export interface Place {
  line: number;
  column: number;
  byte: number;
}

export interface Range {
  file: string;
  start: Place;
  end: Place;
}

export interface Diagnostic extends Range {
  severity: "error" | "warning" | "info";
  code: string;
  summary: string;
  detail?: string;
  suggestion?: string;
  related?: (Range & { message: string })[];
}

export interface Type {
  kind: string;
  elem?: Type;
  max?: number;
  attrs?: { name: string; type: Type; optional?: boolean }[];
}

export interface Level {
  name: string;
  rank: number;
  acr: string[] | null;
  amr: string[][] | null;
  description?: string;
}

export interface Rule {
  id: string;
  effect: string;
  actions: string[];
  level?: string;
  max_age: number;
  methods?: string[];
  reason?: string;
  posture?: string;
  mode: "enforce" | "shadow" | "off";
  percent?: number;
  at: Range;
}

export interface Action {
  name: string;
  description?: string;
  level: string;
  http?: string[];
  resource?: Type;
  at: Range;
}

export interface Param {
  name: string;
  type: Type;
  default: string;
  stricter?: "lower" | "higher";
  description?: string;
}

export interface Signal {
  name: string;
  type: Type;
  lazy?: boolean;
  sensitive?: boolean;
  declared?: boolean;
  description?: string;
}

export interface Outline {
  name: string;
  version?: string;
  description?: string;
  levels: Level[];
  postures: { name: string; rank: number; params: string[] }[];
  params: Param[];
  lists: { name: string; type: Type; entries: number }[];
  signals: Signal[];
  actions: Action[];
  rules: Rule[];
}

export interface Opened {
  diagnostics: Diagnostic[];
  decides: boolean;
  policy: Outline;
}

export type Effect = "allow" | "step_up" | "deny" | "need";

export interface Reason {
  rule: string;
  effect: Effect;
  level?: string;
  max_age?: number;
  methods?: string[];
  message?: string;
  code?: string;
  pending?: boolean;
}

export interface Node {
  text: string;
  at: string;
  value?: unknown;
  error?: string;
  code?: string;
  pending?: string[];
}

export interface RuleTrace {
  rule: string;
  state: string;
  at: string;
  nodes?: Node[];
}

export interface Decision {
  effect: Effect;
  action?: string;
  requirement?: {
    level: string;
    acr_values?: string[];
    max_age?: number;
    methods?: { one_of: string[] }[];
    reachable?: boolean;
  };
  satisfied?: { level: string; age?: number };
  reasons?: Reason[];
  shadow?: Reason[];
  shadow_effect?: Effect;
  indeterminate?: { rule: string; code: string; error: string; at?: string }[];
  need?: string[];
  posture?: string;
  policy?: { name: string; version?: string; digest: string };
  error?: { code: string; message: string; path?: string };
  trace?: RuleTrace[];
}

export interface Built {
  bytes: number;
  sha256: string;
  bare: number;
  sections: { name: string; custom: boolean; bytes: number }[];
  parts: { kind: string; name: string; bytes: number; rules?: string[] }[];
}

/** A change of one attribute that would allow. */
export interface Change {
  attribute: string;
  path: string;
  /** Which values would do, beside `value`. */
  how: string;
  value?: unknown;
  from?: unknown;
  to?: unknown;
}

/** What the tests have seen of the policy. */
export interface Coverage {
  percent: number;
  seen: number;
  outcomes: number;
  conditions: { text: string; at: Range; true: number; false: number; errors: number }[];
  rules: { rule: string; at: Range; conditional: boolean; applied: number }[];
}

/** A rule that is for a part of the subjects, and where those stand in it that were asked about: percentages; who stands below `percent` is in. */
export interface Rollout {
  rule: string;
  by: string;
  /** Where `by` stands in a request, if it is an attribute and nothing more. */
  path?: string[];
  percent: number;
  stands: number[];
}

/** What the tests came to: the report of `rung test --json`. */
export interface Tested {
  diagnostics: Diagnostic[];
  report: {
    passed: number;
    failed: number;
    results: { name: string; at: Range; passed: boolean; text?: string }[];
    coverage?: Coverage;
  } | null;
}
