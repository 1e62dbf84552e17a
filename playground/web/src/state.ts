// All that the page knows, and what follows from it. Components read signals; what a person does goes through the functions here.

import { batch, computed, effect, signal } from "@preact/signals";
import { CallError, Compiler, type Progress } from "./compiler.ts";
import { Decider } from "./decider.ts";
import { type Draft, shelve } from "./draft.ts";
import { type Desk, type Person, withDesk } from "./people.ts";
import { brief } from "./say.ts";
import type { Built, Decision, Diagnostic, Opened, Outline, Tested } from "./types.ts";

/** The most that a file may hold: the language's own limit. */
export const maxFile = 1 << 20;

// What is edited.
export const files = signal<Record<string, string>>({});
export const activeFile = signal("");
export const people = signal<Person[]>([]);
export const chosen = signal(0);
export const posture = signal("normal");
export const params = signal<Record<string, unknown>>({});
export const title = signal("");
/** Whether what is shown came out of a link that somebody sent. */
export const fromLink = signal(false);

// What came of it.
export const progress = signal<Progress>({ state: "loading", part: 0 });
export const diagnostics = signal<Diagnostic[]>([]);
export const outline = signal<Outline | undefined>(undefined);
/** Whether the answers that are shown are those of the text as it stands. */
export const decides = signal(false);
export const answers = signal<Answers | undefined>(undefined);
export const explained = signal<Decision | undefined>(undefined);
export const built = signal<Built | undefined>(undefined);
/** The attributes that the rules of each action can look at: "session.acr", "resource.amount". */
export const reads = signal<Record<string, string[]>>({});
export const tested = signal<Tested | undefined>(undefined);
/** The files that the tests were run on. */
export const testedFiles = signal<Record<string, string> | undefined>(undefined);
export const refusal = signal<{ message: string; diagnostics: Diagnostic[] } | undefined>(undefined);
export const agreement = signal<Agreement>({ state: "waiting" });
export const notice = signal<Notice | undefined>(undefined);
/** What is shown below the policy. */
export const panel = signal<"problems" | "tests" | "module">("problems");
/** How long the last round took, from the keystroke to all answers, in milliseconds. */
export const took = signal(0);

/** Something to say, and perhaps to take back. */
export interface Notice {
  text: string;
  kind: "info" | "error";
  undo?: () => void;
}

/** A decision of each person in each posture. */
export interface Answers {
  postures: string[];
  cells: Decision[][];
}

/** Whether the module and the native engine say the same. */
export type Agreement = { state: "waiting" } | { state: "same"; count: number } | { state: "different"; person: string; posture: string } | { state: "failed"; why: string };

export const errors = computed(() => diagnostics.value.filter((d) => d.severity === "error").length);

/** The answer that is looked at. */
export const decision = computed<Decision | undefined>(() => {
  const a = answers.value;
  const column = a?.postures.indexOf(posture.value) ?? -1;
  return a?.cells[chosen.value]?.[column];
});

let compiler: Compiler | undefined;
let decider: Decider | undefined;

/** Starts the workers. */
export function begin(workers: { compiler: () => Worker; decider: () => Worker }): void {
  decider = new Decider(workers.decider);
  compiler = new Compiler(workers.compiler, (p) => {
    progress.value = p;
    if (p.state !== "ready" || files.value === slow) return;
    asked = 0; // the way of the compiler to the page is no time to answer
    request();
  });
  effect(() => {
    void [files.value, people.value, params.value, posture.value, chosen.value];
    request();
  });
}

/** Calls the compiler: for a round, for completions, formatting, text. Within is how long it may take, in milliseconds, if not as long as all else. */
export function ask<T>(method: string, argument?: unknown, within?: number): Promise<T> {
  if (!compiler) return Promise.reject(new CallError("the compiler is not there yet"));
  return compiler.call<T>(method, argument, within);
}

let running = false;
let asked = 0;
// What was too slow is not tried again before it has changed.
let slow: object | undefined;

// One round at a time; what is edited meanwhile is looked at in the next.
function request(): void {
  if (asked === 0) asked = performance.now();
  if (running || !compiler?.ready || files.value === slow) return;
  running = true;
  void (async () => {
    try {
      while (asked !== 0 && compiler.ready) {
        const since = asked;
        asked = 0;
        await round(since);
      }
    } catch (why) {
      stopped(why);
    } finally {
      running = false;
    }
  })();
}

/** Has the compiler do nothing for longer than a call may take: what becomes of the page then is tested by it. */
export function stall(): void {
  void ask("stall").catch(stopped);
}

/** Whether the answers that are shown are those of what is edited. */
export const idle = (): boolean => progress.value.state === "ready" && !running && asked === 0;

function stopped(why: unknown): void {
  const text = why instanceof Error ? why.message : String(why);
  asked = 0;
  if (why instanceof CallError && why.late) slow = files.value;
  batch(() => {
    decides.value = false;
    notice.value = { text: why instanceof CallError && why.late ? `This policy was too slow to check: ${text}.` : text, kind: "error" };
  });
}

let opened: { files: Record<string, string>; result: Opened } | undefined;
let module: { of: object; bytes: Uint8Array } | undefined;

// What is edited meanwhile goes before the module and the tests of what is past.
async function round(since: number): Promise<void> {
  const of = files.value;
  if (opened?.files !== of) {
    opened = undefined;
    const result = await ask<Opened>("open", of);
    opened = { files: of, result };
    batch(() => {
      diagnostics.value = result.diagnostics;
      if (result.decides || !outline.value) outline.value = result.policy;
      decides.value = result.decides;
      if (notice.value?.kind === "error") notice.value = undefined;
    });
  }
  if (!opened.result.decides) {
    took.value = performance.now() - since;
    return;
  }
  await answer(opened.result.policy);
  took.value = performance.now() - since;
  if (asked !== 0) return;
  await build(of);
  if (asked === 0 && testedFiles.value !== of) {
    const result = await ask<Tested>("test", null);
    batch(() => {
      testedFiles.value = of;
      tested.value = result;
    });
  }
}

function columns(policy: Outline): string[] {
  return policy.postures.map((p) => p.name);
}

function texts(policy: Outline): string[] {
  return people.value.flatMap((p) => columns(policy).map((name) => withDesk(p, { posture: name, params: params.value })));
}

/** The request that is looked at, as the engines read it. */
export function current(desk?: Desk): string | undefined {
  const p = people.value[chosen.value];
  return p && withDesk(p, desk ?? { posture: posture.value, params: params.value });
}

async function answer(policy: Outline): Promise<void> {
  const postures = columns(policy);
  if (!postures.includes(posture.value)) posture.value = "normal";
  const who = people.value;
  const selected = current();
  const [list, trace] = await Promise.all([
    ask<Decision[]>("decide", texts(policy)),
    selected === undefined ? undefined : ask<Decision>("explain", selected),
  ]);
  const cells = who.map((_, i) => list.slice(i * postures.length, (i + 1) * postures.length));
  batch(() => {
    noteEdit();
    answers.value = { postures, cells };
    explained.value = trace;
    if (baseline.value.size === 0) pin();
  });
}

async function build(of: Record<string, string>): Promise<void> {
  const policy = opened?.result.policy;
  if (!policy || !decider) return;
  try {
    let fresh: Uint8Array | undefined;
    if (module?.of !== of) {
      const b = await ask<Built>("build");
      fresh = await ask<Uint8Array>("module");
      module = { of, bytes: fresh.slice() };
      batch(() => {
        built.value = b;
        refusal.value = undefined;
      });
    }
    const got = await decider.decide(fresh, texts(policy));
    if (got.reads) reads.value = got.reads;
    compare(got.decisions);
  } catch (why) {
    if (why instanceof CallError && why.late) throw why;
    module = undefined;
    const text = why instanceof Error ? why.message : String(why);
    batch(() => {
      built.value = undefined;
      refusal.value = { message: text, diagnostics: why instanceof CallError ? why.diagnostics : [] };
      agreement.value = { state: "failed", why: text };
    });
  }
}

/** The bytes of the module of the policy as it stands. */
export function moduleBytes(): Uint8Array | undefined {
  return module?.of === files.value ? module.bytes : undefined;
}

function compare(byModule: Decision[]): void {
  const a = answers.value;
  if (!a) return;
  const native = a.cells.flat();
  if (native.length !== byModule.length) return; // of another round
  const i = native.findIndex((d, k) => canonical(d) !== canonical(byModule[k]));
  if (i < 0) agreement.value = { state: "same", count: native.length };
  else {
    const row = Math.floor(i / a.postures.length);
    agreement.value = { state: "different", person: people.value[row]?.name ?? "", posture: a.postures[i % a.postures.length] ?? "" };
  }
}

/** The canonical form of a decision: docs/language.md, "Canonical form". */
export function canonical(d: Decision | undefined): string {
  return JSON.stringify(d, (key, value: unknown) => {
    if (key === "error" && typeof value === "string") return undefined;
    if (key === "error" && typeof value === "object" && value !== null) return { ...value, message: undefined };
    if (key === "at" && typeof value === "string") return value.replace(/:\d+$/, "");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value;
  });
}

const outcome = (d: Decision): string => JSON.stringify([d.effect, d.requirement, d.need, d.error?.code, d.shadow_effect]);

/** What an answer was: to be compared, and to be said. */
interface Was {
  outcome: string;
  says: string;
}

/** The answers that changes are counted from, by person and posture. */
const baseline = signal<Map<string, Was>>(new Map());
/** The answers before the last edit of the policy; edits that follow on each other are one. */
const beforeEdit = signal<Map<string, Was>>(new Map());
let edited: { files: object; at: number } | undefined;

function snapshot(): Map<string, Was> {
  const map = new Map<string, Was>();
  const a = answers.value;
  people.value.forEach((p, i) =>
    a?.postures.forEach((name, k) => {
      const d = a.cells[i]?.[k];
      if (d) map.set(`${p.name}\n${name}`, { outcome: outcome(d), says: brief(d) });
    }),
  );
  return map;
}

// Called before new answers come.
function noteEdit(): void {
  if (edited?.files === files.value) return;
  const now = performance.now();
  if (edited && now - edited.at > 2500) beforeEdit.value = snapshot();
  edited = { files: files.value, at: now };
}

/** Takes the answers as they are for those that changes are counted from. */
export function pin(): void {
  batch(() => {
    baseline.value = snapshot();
    beforeEdit.value = baseline.value;
  });
}

/** How an answer has changed: what it was at first, and whether the last edit did it. What is new has not changed. */
export function changed(who: string, name: string, d: Decision): { was: string; last: boolean } | undefined {
  const key = `${who}\n${name}`;
  const now = outcome(d);
  const first = baseline.value.get(key);
  const before = beforeEdit.value.get(key);
  if (first === undefined || first.outcome === now) return undefined;
  return { was: first.says, last: before !== undefined && before.outcome !== now };
}

/** How many answers have changed, and how many of them with the last edit. */
export const changes = computed(() => {
  const count = { all: 0, last: 0 };
  const a = answers.value;
  people.value.forEach((p, i) =>
    a?.postures.forEach((name, k) => {
      const d = a.cells[i]?.[k];
      const c = d && changed(p.name, name, d);
      if (c) count.all++;
      if (c?.last) count.last++;
    }),
  );
  return count;
});

// What was taken last: what is another thing now was edited.
let taken: { files: object; people: object } | undefined;

/** Takes a draft, an example or a link in place of all that is there. */
export function take(draft: Draft): void {
  taken = draft;
  batch(() => {
    answers.value = undefined;
    explained.value = undefined;
    baseline.value = new Map();
    tested.value = testedFiles.value = undefined;
    edited = undefined;
    outline.value = undefined;
    diagnostics.value = [];
    built.value = undefined;
    title.value = draft.title;
    files.value = draft.files;
    activeFile.value = draft.active && Object.hasOwn(draft.files, draft.active) ? draft.active : (firstFile(draft.files) ?? "");
    people.value = draft.people;
    chosen.value = Math.min(draft.chosen ?? 0, Math.max(0, draft.people.length - 1));
    posture.value = draft.posture ?? draft.people[chosen.value]?.posture ?? "normal";
    params.value = draft.params ?? {};
  });
}

function firstFile(all: Record<string, string>): string | undefined {
  const names = Object.keys(all).sort();
  return names.find((n) => n.endsWith(".rung.hcl")) ?? names[0];
}

/** What would have to be kept to come back to where the page is. */
export function draft(): Draft {
  return {
    title: title.value,
    files: files.value,
    active: activeFile.value,
    people: people.value,
    chosen: chosen.value,
    posture: posture.value,
    params: params.value,
  };
}

/** Takes a draft in place of what is there, which can be had back. */
export function replace(next: Draft, what: string): void {
  const before = draft();
  const link = fromLink.value;
  if (files.value !== taken?.files || people.value !== taken.people) shelve(before);
  take(next);
  fromLink.value = false;
  notice.value = {
    text: `${what} is open, in the place of what was there.`,
    kind: "info",
    undo: () => {
      take(before);
      fromLink.value = link;
    },
  };
}

/** Takes a file away, which can be had back. */
export function removeFile(name: string): void {
  const { [name]: text, ...rest } = files.value;
  if (text === undefined) return;
  files.value = rest;
  activeFile.value = firstFile(rest) ?? "";
  notice.value = {
    text: `${name} is gone.`,
    kind: "info",
    undo: () => {
      files.value = { ...files.value, [name]: text };
      activeFile.value = name;
    },
  };
}

/** Gives a file another name. */
export function renameFile(name: string, to: string): void {
  const { [name]: text, ...rest } = files.value;
  if (text === undefined || name === to) return;
  files.value = { ...rest, [to]: text };
  activeFile.value = to;
}

/** Sets the text of a file. */
export function edit(name: string, text: string): void {
  if (files.value[name] !== text) files.value = { ...files.value, [name]: text };
}

/** Changes the person that is looked at. */
export function editPerson(change: Partial<Person>): void {
  people.value = people.value.map((p, i) => (i === chosen.value ? { ...p, ...change } : p));
}

/** Looks at a person, in a posture. */
export function choose(i: number, name?: string): void {
  batch(() => {
    chosen.value = i;
    if (name !== undefined) posture.value = name;
  });
}

/** Where the editor is to go. */
export const goTo = signal<{ file: string; line: number; column: number } | undefined>(undefined);

/** Shows a rule, or a place, in the editor. */
export function reveal(rule: string, at?: string): void {
  const found = outline.value?.rules.find((r) => r.id === rule)?.at ?? outline.value?.actions.find((a) => a.name === rule)?.at;
  const m = at === undefined ? undefined : /^(.*):(\d+):(\d+)$/.exec(at);
  const place = m ? { file: m[1] ?? "", line: Number(m[2]), column: Number(m[3]) } : found && { file: found.file, line: found.start.line, column: found.start.column };
  if (!place || !Object.hasOwn(files.value, place.file)) return;
  batch(() => {
    activeFile.value = place.file;
    goTo.value = place;
  });
}
