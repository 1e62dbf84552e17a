// The editors: of policies, with what the compiler knows of them, and of requests.

import { autocompletion, type Completion, type CompletionContext, type CompletionResult, closeBrackets, closeBracketsKeymap, completionKeymap, snippetCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { type Diagnostic as Lint, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type Text, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { signal } from "@preact/signals";
import { coverage } from "./coverage.ts";
import { colours, jsonLanguage, policyLanguage } from "./highlight.ts";
import { offset } from "./places.ts";
import { ask, files, maxFile, notice, show } from "./state.ts";
import type { Diagnostic } from "./types.ts";
import { values } from "./values.ts";

// A paste that is larger than a file may be does not reach the document: an editor of ten megabytes would hold the page up.
const bounded = EditorState.transactionFilter.of((tr) => {
  if (!tr.docChanged || tr.newDoc.length <= maxFile) return tr;
  notice.value = { text: "That is more than a file may hold, which is 1 MiB. The text stays as it was.", kind: "error" };
  return [];
});

const common: Extension = [
  lineNumbers(),
  history(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of("  "),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  search({ top: true }),
  bounded,
  colours,
  EditorView.lineWrapping,
];

// Tab indents; Escape and then Tab leaves the editor, as the label says.
const keys = keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]);

function changed(tell: (text: string) => void): Extension {
  return EditorView.updateListener.of((u) => {
    if (u.docChanged && !u.transactions.some((t) => t.annotation(Transaction.remote))) tell(u.state.doc.toString());
  });
}

/** What is to be renamed, while somebody types its new name. */
export const renaming = signal<{ file: string; view: EditorView } | undefined>(undefined);

/** What a policy's editor is made of. */
export function policyState(file: string, text: string, tell: (text: string) => void, extra: Extension = []): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      common,
      policyLanguage,
      lintGutter(),
      coverage,
      values,
      autocompletion({ override: [(c) => complete(file, c)], icons: false }),
      hoverTooltip((view, pos) => hover(file, view, pos), { hoverTime: 400 }),
      keymap.of([
        { key: "F12", run: (v) => define(file, v) },
        { key: "F2", run: (v) => (renaming.value = { file, view: v }) !== undefined },
      ]),
      keys,
      changed(tell),
      EditorView.contentAttributes.of({ "aria-label": `${file}: policy. Escape, then Tab, leaves the editor.`, spellcheck: "false", tabindex: "0" }),
      extra,
    ],
  });
}

/** What a request's editor is made of. */
export function requestState(text: string, tell: (text: string) => void): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [common, jsonLanguage, keys, changed(tell), EditorView.contentAttributes.of({ "aria-label": "Request as JSON. Escape, then Tab, leaves the editor.", spellcheck: "false", tabindex: "0" })],
  });
}

/** Makes an editor in a shadow root: its styles then need no leave of the page's CSP. */
export function mount(host: HTMLElement, state: EditorState, sheet: CSSStyleSheet): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  return new EditorView({ parent: root, root, state });
}

/** Puts the diagnostics of a file into its editor. */
export function lint(view: EditorView, file: string, list: Diagnostic[]): void {
  const doc = view.state.doc;
  const found: Lint[] = [];
  for (const d of list) {
    if (d.file !== file) continue;
    const from = offset(doc, d.start);
    const to = Math.max(from, offset(doc, d.end));
    found.push({
      from,
      to,
      severity: d.severity,
      source: d.code,
      message: [d.summary, d.detail].filter(Boolean).join("\n"),
      ...(d.suggestion === undefined ? {} : { actions: [{ name: `Replace by ${d.suggestion}`, apply: (v: EditorView, a: number, b: number) => v.dispatch({ changes: { from: a, to: b, insert: d.suggestion ?? "" } }) }] }),
    });
  }
  view.dispatch(setDiagnostics(view.state, found));
}

// The compiler's positions are those of the Language Server Protocol, and so are CodeMirror's but for the lines.
interface Position {
  line: number;
  character: number;
}

interface Span {
  start: Position;
  end: Position;
}

interface Item {
  label: string;
  kind: string;
  detail?: string;
  doc?: string;
  edit: { range: Span; newText: string };
  snippet: boolean;
  sort: string;
}

const toPosition = (doc: Text, pos: number): Position => {
  const line = doc.lineAt(pos);
  return { line: line.number - 1, character: pos - line.from };
};

const toOffset = (doc: Text, p: Position): number => {
  const line = doc.line(Math.min(doc.lines, Math.max(1, p.line + 1)));
  return Math.min(line.to, line.from + p.character);
};

const where = (file: string, doc: Text, pos: number) => ({ file, text: doc.toString(), at: toPosition(doc, pos) });

async function complete(file: string, context: CompletionContext): Promise<CompletionResult | null> {
  if (!context.explicit && !context.matchBefore(/[\w.`"[ ]$/)) return null;
  const doc = context.state.doc;
  try {
    const items = await ask<Item[] | null>("complete", where(file, doc, context.pos));
    const first = items?.[0];
    if (!items || !first) return null;
    return { from: toOffset(doc, first.edit.range.start), validFor: /^[\w.-]*$/, options: items.slice(0, 400).map((i, n) => option(i, n)) };
  } catch {
    return null; // the compiler is not there yet
  }
}

function option(i: Item, n: number): Completion {
  const shown: Completion = {
    label: i.label,
    type: i.kind,
    boost: -n / 10,
    ...(i.detail ? { detail: i.detail } : {}),
    ...(i.doc ? { info: () => paragraph(i.doc ?? "") } : {}),
  };
  if (!i.snippet) return { ...shown, apply: i.edit.newText };
  return snippetCompletion(i.edit.newText.replace(/\\\$|\$\{?(\d+)(?::([^}]*))?\}?/g, (whole, number, word) => (whole === "\\$" ? "$" : `\${${number === "0" ? "9" : number}${word ? `:${word}` : ":"}}`)), shown);
}

async function hover(file: string, view: EditorView, pos: number) {
  try {
    const doc = view.state.doc;
    const got = await ask<{ markdown: string; range: Span } | null>("hover", where(file, doc, pos));
    if (!got) return null;
    return { pos: toOffset(doc, got.range.start), end: toOffset(doc, got.range.end), create: () => ({ dom: paragraph(got.markdown) }) };
  } catch {
    return null;
  }
}

/** Goes to where what stands at the cursor is declared. */
export function define(file: string, view: EditorView): boolean {
  const doc = view.state.doc;
  ask<{ file: string; range: Span }[] | null>("define", where(file, doc, view.state.selection.main.head)).then(
    (found) => {
      const to = found?.[0];
      if (to) show(to.file, to.range.start.line + 1, to.range.start.character + 1);
    },
    () => undefined,
  );
  return true;
}

/** Gives what stands at the cursor another name, in all files. */
export async function rename(file: string, view: EditorView, name: string): Promise<void> {
  const before = files.value;
  const edits = await ask<{ file: string; edits: { range: Span; newText: string }[] }[]>("rename", { ...where(file, view.state.doc, view.state.selection.main.head), name });
  if (files.value !== before) throw new Error("the text has changed meanwhile");
  const all = { ...before };
  for (const f of edits) {
    const doc = EditorState.create({ doc: all[f.file] ?? "" });
    const changes = f.edits.map((e) => ({ from: toOffset(doc.doc, e.range.start), to: toOffset(doc.doc, e.range.end), insert: e.newText }));
    all[f.file] = doc.update({ changes }).state.doc.toString();
  }
  files.value = all;
}

// Texts of the compiler may hold anything that a policy does: they are shown as text, code between backticks.
function paragraph(text: string): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-doc";
  for (const piece of text.split(/(```[\s\S]*?```|`[^`\n]*`)/)) {
    if (piece === "") continue;
    const isCode = piece.startsWith("`");
    const e = dom.appendChild(document.createElement(isCode ? "code" : "span"));
    e.textContent = isCode ? piece.replace(/^```\w*\n?|\n?```$|^`|`$/g, "") : piece.replace(/\*\*/g, "").replace(/\n{2,}/g, "\n");
  }
  return dom;
}
