// The policy's files, in tabs, each with its editor.

import { EditorView } from "@codemirror/view";
import type { EditorState, StateEffect } from "@codemirror/state";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { seen, setSeen } from "../coverage.ts";
import { isFileName } from "../draft.ts";
import { lint, mount, policyState, rename, renaming } from "../editor.ts";
import { offset } from "../places.ts";
import { activeFile, ask, decides, diagnostics, edit, explained, files, goTo, notice, removeFile, renameFile, tested, testedFiles, took } from "../state.ts";
import { locate, setValued } from "../values.ts";
import { sheet } from "./sheet.ts";

export function Policy() {
  const names = Object.keys(files.value).sort();
  return (
    <section class="card policy" aria-label="Policy">
      <div class="files">
        <div role="tablist" aria-label="Files">
          {names.map((name) => <FileTab key={name} name={name} />)}
        </div>
        <Files count={names.length} />
        <button type="button" class="quiet format" onClick={format} title="Bring the file into its canonical form">
          Format
        </button>
      </div>
      <Rename />
      <Editor />
    </section>
  );
}

function FileTab({ name }: { name: string }) {
  const bad = diagnostics.value.some((d) => d.file === name && d.severity === "error");
  const selected = name === activeFile.value;
  return (
    <button type="button" role="tab" class="file" aria-selected={selected} tabIndex={selected ? 0 : -1} onClick={() => (activeFile.value = name)} onKeyDown={arrows}>
      {name.replace(/\.rung\.hcl$/, "")}
      {bad && <span class="bad" title="has mistakes">●<span class="sr"> has mistakes</span></span>}
    </button>
  );
}

function arrows(e: KeyboardEvent): void {
  const names = Object.keys(files.value).sort();
  const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  const next = names[(names.indexOf(activeFile.value) + step + names.length) % names.length];
  if (next === undefined) return;
  activeFile.value = next;
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.files [role="tab"][aria-selected="true"]')?.focus());
}

// A name that somebody has typed for a file, whole; undefined, and said, where there can be none of that name.
function named(typed: string): string | undefined {
  const name = typed.includes(".") ? typed : `${typed}.rung.hcl`;
  const taken = Object.hasOwn(files.value, name);
  if (isFileName(name) && !taken) return name;
  notice.value = { text: taken ? `There is a file ${name} already.` : "Files have names of letters, digits, dots and dashes.", kind: "error" };
  return undefined;
}

// The names of files, changed: a new one, or the one that is open. Enter takes it, Escape leaves.
function Files({ count }: { count: number }) {
  const [asks, setAsks] = useState<"new" | "name" | undefined>();
  const active = activeFile.value;
  const done = (typed: string) => {
    setAsks(undefined);
    if (typed === "" || (asks === "name" && typed === active)) return;
    const name = named(typed);
    if (name === undefined) return;
    if (asks === "name") return renameFile(active, name);
    files.value = { ...files.value, [name]: "" };
    activeFile.value = name;
  };
  if (asks)
    return (
      <input class="new-file" ref={(e) => e?.focus()} aria-label={asks === "new" ? "Name of the new file" : `New name of ${active}`} placeholder="name.rung.hcl" defaultValue={asks === "new" ? "" : active} maxLength={120}
        onBlur={(e) => done(e.currentTarget.value.trim())}
        onKeyDown={(e) => {
          if (e.key !== "Enter" && e.key !== "Escape") return;
          e.preventDefault();
          if (e.key === "Enter") done(e.currentTarget.value.trim());
          else setAsks(undefined);
        }} />
    );
  return (
    <>
      <button type="button" class="quiet" aria-label="New file" title="New file" onClick={() => setAsks("new")}>+</button>
      {active !== "" && <button type="button" class="quiet" aria-label={`Rename ${active}`} title={`Rename ${active}`} onClick={() => setAsks("name")}>✎</button>}
      {count > 1 && <button type="button" class="quiet" aria-label={`Remove ${active}`} title={`Remove ${active}`} onClick={() => removeFile(active)}>×</button>}
    </>
  );
}

function Rename() {
  const r = renaming.value;
  if (!r) return null;
  const done = async (name: string) => {
    renaming.value = undefined;
    r.view.focus();
    if (name === "") return;
    await rename(r.file, r.view, name).catch((why: Error) => (notice.value = { text: `Not renamed: ${why.message}.`, kind: "error" }));
  };
  return (
    <label class="rename">
      New name
      <input ref={(e) => e?.focus()} maxLength={128} onBlur={() => (renaming.value = undefined)} onKeyDown={(e) => {
        if (e.key !== "Enter" && e.key !== "Escape") return;
        e.preventDefault(); // the editor has the focus next, and would take the key for its own
        void done(e.key === "Enter" ? e.currentTarget.value.trim() : "");
      }} />
    </label>
  );
}

async function format(): Promise<void> {
  const file = activeFile.value;
  try {
    // Who types on meanwhile loses nothing: what is there then is formatted.
    for (let text = files.value[file]; text !== undefined; ) {
      const formatted = await ask<string>("format", { file, text });
      const now = files.value[file];
      if (now === text) return edit(file, formatted);
      text = now;
    }
  } catch (why) {
    notice.value = { text: why instanceof Error ? why.message : String(why), kind: "error" };
  }
}

// What turns a text into another, as one change: cursor and marks outside of it stay where they are.
function difference(a: string, b: string): { from: number; to: number; insert: string } | undefined {
  if (a === b) return undefined;
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return { from: head, to: a.length - tail, insert: b.slice(head, b.length - tail) };
}

// What the editor shows goes with what the page shows, in the same moment: a key that follows on a click finds the file that was clicked.
function Editor() {
  const host = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<EditorView | undefined>();
  const states = useRef(new Map<string, { state: EditorState; scroll: StateEffect<unknown> }>());
  const shown = useRef("");
  const file = activeFile.value;
  const text = files.value[file] ?? "";
  const fresh = () => policyState(file, text, (t) => edit(file, t));

  // The editor itself comes once the page has been drawn around it.
  useEffect(() => {
    if (!host.current) return;
    const made = mount(host.current, fresh(), sheet());
    shown.current = file;
    setView(made);
    return () => made.destroy();
  }, []);

  // Each file keeps its own history and place.
  useLayoutEffect(() => {
    if (!view) return;
    if (shown.current !== file) {
      states.current.set(shown.current, { state: view.state, scroll: view.scrollSnapshot() });
      const before = states.current.get(file);
      if (before?.state.doc.toString() === text) {
        view.setState(before.state);
        view.dispatch({ effects: before.scroll });
      } else view.setState(fresh());
      shown.current = file;
      return;
    }
    // What it is now, and not when this was drawn: somebody may have typed on.
    const now = files.value[file] ?? "";
    const change = difference(view.state.doc.toString(), now);
    if (change) view.dispatch({ changes: change });
  }, [view, file, text]);

  useLayoutEffect(() => {
    if (view) lint(view, file, diagnostics.value);
  }, [view, file, diagnostics.value]);

  useLayoutEffect(() => {
    if (view) view.dispatch({ effects: setValued.of(decides.value ? locate(view.state.doc, file, explained.value?.trace) : []) });
  }, [view, file, explained.value, took.value, decides.value]);

  useLayoutEffect(() => {
    const c = tested.value?.report?.coverage;
    // What has been edited since keeps its marks, which move along; a file that was not on the screen has none until the tests have run again.
    if (view) view.dispatch({ effects: setSeen.of(c && testedFiles.value?.[file] === view.state.doc.toString() ? seen(view.state.doc, file, c) : []) });
  }, [view, file, tested.value]);

  useLayoutEffect(() => {
    const to = goTo.value;
    if (!view || !to || to.file !== file) return;
    const pos = offset(view.state.doc, { line: to.line, column: to.column, byte: 0 });
    view.dispatch({ selection: { anchor: pos }, effects: EditorView.scrollIntoView(pos, { y: "center" }) });
    view.focus();
    goTo.value = undefined;
  }, [view, file, goTo.value]);

  return <div class="editor" ref={host} />;
}
