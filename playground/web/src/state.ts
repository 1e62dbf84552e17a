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

// How much is under way beside the rounds: calls, files that come, what waits for a pause.
let under = 0;

/** What somebody has begun, until it has ended: the page is not idle before. */
export async function during<T>(work: Promise<T>): Promise<T> {
  under++;
  try {
    return await work;
  } finally {
    under--;
  }
}

/** Runs something after a pause, in milliseconds, unless what is returned is called before. The page is not idle until then. */
export function later(pause: number, run: () => void): () => void {
  under++;
  let waits = true;
  const end = () => {
    if (!waits) return;
    waits = false;
    under--;
    clearTimeout(timer);
  };
  const timer = setTimeout(() => {
    run();
    end();
  }, pause);
  return end;
}

/** Starts the workers. */
export function begin(workers: { compiler: () => Worker; decider: () => Worker }): void {
  decider = new Decider(workers.decider);
  compiler = new Compiler(workers.compiler, (p) => {
    progress.value = p;
    if (p.state === "loading") opened = undefined; // what a worker has opened ends with it
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
  return during(compiler.call<T>(method, argument, within));
}

let running = false;
let asked = 0;
// What was too slow is not tried again before it has changed.
let slow: object | undefined;

// One round at a time; what is edited meanwhile is looked at in the next.
function request(): void {
  if (files.value === slow) return;
  if (asked === 0) asked = performance.now();
  if (running || !compiler?.ready) return;
  running = true;
  void (async () => {
    let of: object = files.value;
    try {
      while (asked !== 0 && compiler.ready) {
        const since = asked;
        asked = 0;
        of = files.value;
        await round(since);
      }
    } catch (why) {
      stopped(why, of);
    } finally {
      running = false;
      if (asked !== 0) request(); // what was edited while this went wrong
    }
  })();
}

/** Has the compiler do nothing for longer than a call may take: what becomes of the page then is tested by it. */
export function stall(): void {
  const of = files.value;
  void ask("stall", undefined, 2000).catch((why: unknown) => stopped(why, of));
}

/**
 * Whether all that was asked for has been answered, and is shown: nothing is under way, and nothing waits for its time. What follows from a signal is drawn before any
 * other task runs.
 */
export const idle = (): boolean => progress.value.state === "ready" && !running && asked === 0 && under === 0;

// What the last round has said of itself, until the next one has come further. Other notices are not its to take away.
let trouble: Notice | undefined;

function stopped(why: unknown, of: object): void {
  const kind = why instanceof CallError ? why.why : "failed";
  if (kind === "lost") {
    if (files.value !== slow) asked ||= performance.now(); // it is asked again once the compiler is there
    return;
  }
  const text = why instanceof Error ? why.message : String(why);
  if (kind === "late") slow = of;
  if (files.value === slow) asked = 0;
  trouble = { text: kind === "late" ? `This policy was too slow to check: ${text}.` : text, kind: "error" };
  batch(() => {
    decides.value = false;
    notice.value = trouble;
  });
}

let opened: { files: Record<string, string>; result: Opened } | undefined;
let module: { of: object; bytes: Uint8Array } | undefined;

// What is edited meanwhile goes before the module and the tests of what is past.
async function round(since: number): Promise<void> {
  const of = files.value;
  const draft = taken;
  if (opened?.files !== of) {
    opened = undefined;
    const result = await ask<Opened>("open", of);
    opened = { files: of, result };
    if (taken !== draft) return; // something else is open: the next round is about that
    batch(() => {
      diagnostics.value = result.diagnostics;
      if (result.decides || !outline.value) outline.value = result.policy;
      decides.value = result.decides;
      if (notice.value === trouble) notice.value = undefined;
    });
  }
  if (!opened.result.decides) {
    took.value = performance.now() - since;
    return;
  }
  const now = await answer(of, opened.result.policy, since);
  took.value = performance.now() - since;
  if (asked !== 0 || !now) return;
  await build(of, now);
  if (asked === 0 && testedFiles.value !== of) {
    const result = await ask<Tested>("test", null);
    if (taken !== draft) return;
    batch(() => {
      testedFiles.value = of;
      tested.value = result;
    });
  }
}

function columns(policy: Outline): string[] {
  return policy.postures.map((p) => p.name);
}

/** What is decided in a round: by both engines the same. */
interface Asked {
  draft: object | undefined;
  people: Person[];
  postures: string[];
  requests: string[];
  /** By the native engine. */
  decisions: Decision[];
}

/** The request that is looked at, as the engines read it. */
export function current(desk?: Desk): string | undefined {
  const p = people.value[chosen.value];
  return p && withDesk(p, desk ?? { posture: posture.value, params: params.value });
}

async function answer(of: object, policy: Outline, since: number): Promise<Asked | undefined> {
  const draft = taken;
  const postures = columns(policy);
  if (!postures.includes(posture.value)) posture.value = "normal";
  const who = people.value;
  const requests = who.flatMap((p) => postures.map((name) => withDesk(p, { posture: name, params: params.value })));
  const selected = current();
  const [decisions, trace] = await Promise.all([
    ask<Decision[]>("decide", requests),
    selected === undefined ? undefined : ask<Decision>("explain", selected),
  ]);
  // Answers of people who are gone are nobody's, and nothing to count changes from.
  if (taken !== draft || people.value.length !== who.length) return undefined;
  const cells = who.map((_, i) => decisions.slice(i * postures.length, (i + 1) * postures.length));
  batch(() => {
    noteEdit(of, since);
    answers.value = { postures, cells };
    explained.value = trace;
    if (baseline.value.size === 0) pin();
  });
  return { draft, people: who, postures, requests, decisions };
}

async function build(of: Record<string, string>, now: Asked): Promise<void> {
  if (!decider) return;
  try {
    let fresh: Uint8Array | undefined;
    if (module?.of !== of) {
      const b = await ask<Built>("build");
      fresh = await ask<Uint8Array>("module");
      if (taken !== now.draft) return;
      module = { of, bytes: fresh.slice() };
      batch(() => {
        built.value = b;
        refusal.value = undefined;
      });
    }
    const got = await decider.decide(fresh, now.requests);
    if (taken !== now.draft) return;
    if (got.reads) reads.value = got.reads;
    compare(now, got.decisions);
  } catch (why) {
    if (why instanceof CallError && why.why !== "failed") throw why;
    module = undefined;
    if (taken !== now.draft) return;
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

function compare({ people: who, postures, decisions: native }: Asked, byModule: Decision[]): void {
  const i = native.findIndex((d, k) => canonical(d) !== canonical(byModule[k]));
  if (i < 0) agreement.value = { state: "same", count: native.length };
  else {
    const row = Math.floor(i / postures.length);
    agreement.value = { state: "different", person: who[row]?.name ?? "", posture: postures[i % postures.length] ?? "" };
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
let lastEdit: { files: object; at: number } | undefined;

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

// Called before new answers come: of which files, and when they were edited.
function noteEdit(of: object, at: number): void {
  if (lastEdit?.files === of) return;
  if (lastEdit && at - lastEdit.at > 2500) beforeEdit.value = snapshot();
  lastEdit = { files: of, at };
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
let taken: { files: object; people: object; params: object; edited: boolean } | undefined;

/** Whether what is there is somebody's work, and not only what was opened. */
export function edited(): boolean {
  return taken !== undefined && (taken.edited || taken.files !== files.value || taken.people !== people.value || taken.params !== params.value);
}

/** Puts what is there with the drafts that were left, if it is somebody's work. */
export function leave(): void {
  if (edited()) shelve(draft());
}

/** Takes a draft, an example or a link in place of all that is there. */
export function take(draft: Draft, isEdited = false): void {
  const given = draft.params ?? {};
  taken = { files: draft.files, people: draft.people, params: given, edited: isEdited }; // the same draft, taken again, is another one for what is under way
  batch(() => {
    agreement.value = { state: "waiting" };
    goTo.value = undefined;
    answers.value = undefined;
    explained.value = undefined;
    baseline.value = new Map();
    tested.value = testedFiles.value = undefined;
    lastEdit = undefined;
    outline.value = undefined;
    diagnostics.value = [];
    built.value = undefined;
    title.value = draft.title;
    files.value = draft.files;
    activeFile.value = draft.active && Object.hasOwn(draft.files, draft.active) ? draft.active : (firstFile(draft.files) ?? "");
    people.value = draft.people;
    chosen.value = Math.min(draft.chosen ?? 0, Math.max(0, draft.people.length - 1));
    posture.value = draft.posture ?? draft.people[chosen.value]?.posture ?? "normal";
    params.value = given;
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
  const isEdited = edited();
  leave();
  take(next);
  fromLink.value = false;
  notice.value = {
    text: `${what} is open, in the place of what was there.`,
    kind: "info",
    undo: () => {
      take(before, isEdited);
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

/** Sets the text of a file; one that is gone stays gone. */
export function edit(name: string, text: string): void {
  if (Object.hasOwn(files.value, name) && files.value[name] !== text) files.value = { ...files.value, [name]: text };
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

/** Shows a place in the editor; lines and columns count from 1. */
export function show(file: string, line: number, column: number): void {
  if (!Object.hasOwn(files.value, file)) return;
  batch(() => {
    activeFile.value = file;
    goTo.value = { file, line, column };
  });
}

/** Shows a rule, or a place, in the editor. */
export function reveal(rule: string, at?: string): void {
  const found = outline.value?.rules.find((r) => r.id === rule)?.at ?? outline.value?.actions.find((a) => a.name === rule)?.at;
  const m = at === undefined ? undefined : /^(.*):(\d+):(\d+)$/.exec(at);
  if (m) show(m[1] ?? "", Number(m[2]), Number(m[3]));
  else if (found) show(found.file, found.start.line, found.start.column);
}
