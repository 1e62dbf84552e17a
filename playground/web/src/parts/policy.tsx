// The policy's files, in tabs, each with its editor.

import { EditorView } from "@codemirror/view";
import type { EditorState } from "@codemirror/state";
import { useEffect, useRef, useState } from "preact/hooks";
import { isFileName } from "../draft.ts";
import { lint, mount, offset, policyState, rename, renaming } from "../editor.ts";
import { activeFile, ask, diagnostics, edit, explained, files, goTo, notice, took } from "../state.ts";
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
        <NewFile />
        {names.length > 1 && (
          <button type="button" class="quiet" aria-label={`Remove ${activeFile.value}`} onClick={() => removeFile(activeFile.value)}>×</button>
        )}
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

function removeFile(name: string): void {
  const { [name]: _, ...rest } = files.value;
  files.value = rest;
  activeFile.value = Object.keys(rest).sort()[0] ?? "";
}

function NewFile() {
  const [open, setOpen] = useState(false);
  const done = (name: string) => {
    setOpen(false);
    const full = name.includes(".") ? name : `${name}.rung.hcl`;
    if (name === "") return;
    if (!isFileName(full) || Object.hasOwn(files.value, full)) {
      notice.value = { text: Object.hasOwn(files.value, full) ? `There is a file ${full} already.` : "Files have names of letters, digits, dots and dashes.", kind: "error" };
      return;
    }
    files.value = { ...files.value, [full]: "" };
    activeFile.value = full;
  };
  if (!open) return <button type="button" class="quiet" aria-label="New file" onClick={() => setOpen(true)}>+</button>;
  return (
    <input class="new-file" ref={(e) => e?.focus()} aria-label="Name of the new file" placeholder="name.rung.hcl" maxLength={120}
      onBlur={(e) => done(e.currentTarget.value.trim())}
      onKeyDown={(e) => {
        if (e.key === "Enter") done(e.currentTarget.value.trim());
        if (e.key === "Escape") setOpen(false);
      }} />
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
        if (e.key === "Enter") void done(e.currentTarget.value.trim());
        if (e.key === "Escape") void done("");
      }} />
    </label>
  );
}

async function format(): Promise<void> {
  const file = activeFile.value;
  try {
    const text = await ask<string>("format", { file, text: files.value[file] ?? "" });
    edit(file, text);
  } catch (why) {
    notice.value = { text: why instanceof Error ? why.message : String(why), kind: "error" };
  }
}

function Editor() {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const states = useRef(new Map<string, EditorState>());
  const shown = useRef("");
  const file = activeFile.value;
  const text = files.value[file] ?? "";
  const fresh = () => policyState(file, text, (t) => edit(file, t));

  useEffect(() => {
    if (!host.current) return;
    view.current = mount(host.current, fresh(), sheet());
    shown.current = file;
    return () => view.current?.destroy();
  }, []);

  // Each file keeps its own history and place.
  useEffect(() => {
    const v = view.current;
    if (!v) return;
    if (shown.current !== file) {
      states.current.set(shown.current, v.state);
      const before = states.current.get(file);
      v.setState(before && before.doc.toString() === text ? before : fresh());
      shown.current = file;
      return;
    }
    // What it is now, and not when this was drawn: somebody may have typed on.
    const now = files.value[file] ?? "";
    if (v.state.doc.toString() !== now) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: now } });
  }, [file, text]);

  useEffect(() => {
    if (view.current) lint(view.current, file, diagnostics.value);
  }, [file, diagnostics.value]);

  useEffect(() => {
    const v = view.current;
    if (v) v.dispatch({ effects: setValued.of(locate(v.state.doc, file, explained.value?.trace)) });
  }, [file, explained.value, took.value]);

  useEffect(() => {
    const v = view.current;
    const to = goTo.value;
    if (!v || !to || to.file !== file) return;
    const pos = offset(v.state.doc, { line: to.line, column: to.column, byte: 0 });
    v.dispatch({ selection: { anchor: pos }, effects: EditorView.scrollIntoView(pos, { y: "center" }) });
    v.focus();
    goTo.value = undefined;
  }, [file, goTo.value]);

  return <div class="editor" ref={host} />;
}
