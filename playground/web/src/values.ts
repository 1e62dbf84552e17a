// The values of a decision's trace, laid over the source that they come from.

import { type Extension, RangeSetBuilder, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, hoverTooltip, WidgetType } from "@codemirror/view";
import { show } from "./say.ts";
import type { Decision, Node } from "./types.ts";

/** A sub-expression, where it stands, and what it came to. */
export interface Valued {
  from: number;
  to: number;
  text: string;
  state: "true" | "false" | "error" | "pending" | "value";
  says: string;
}

/** Finds the nodes of a trace in the text of a file. Columns of places count code points. */
export function locate(doc: Text, file: string, trace: Decision["trace"]): Valued[] {
  const out = new Map<string, Valued>();
  for (const rule of trace ?? []) {
    for (const node of rule.nodes ?? []) {
      const v = place(doc, file, node);
      if (v) out.set(`${v.from}:${v.to}`, v);
    }
  }
  return [...out.values()].sort((a, b) => a.from - b.from || b.to - a.to);
}

function place(doc: Text, file: string, node: Node): Valued | undefined {
  const m = /^(.*):(\d+):(\d+)$/.exec(node.at);
  if (!m || m[1] !== file) return undefined;
  const number = Number(m[2]);
  if (number < 1 || number > doc.lines) return undefined;
  const line = doc.line(number);
  const from = line.from + [...line.text].slice(0, Number(m[3]) - 1).join("").length;
  const to = reach(doc, from, node.text);
  if (to === undefined) return undefined;
  return { from, to, text: node.text, state: stateOf(node), says: sayNode(node) };
}

// A sub-expression of several lines stands with the file's indentation: spaces are passed over on both sides.
function reach(doc: Text, from: number, text: string): number | undefined {
  const source = doc.sliceString(from, Math.min(doc.length, from + 2 * text.length + 400));
  let i = 0;
  for (const c of text) {
    if (/\s/.test(c)) continue;
    while (i < source.length && /\s/.test(source[i] as string)) i++;
    if (source[i] === "\\" && c === '"') i++; // within quotes
    if (!source.startsWith(c, i)) return undefined;
    i += c.length;
  }
  return from + i;
}

export function stateOf(node: Node): Valued["state"] {
  if (node.error !== undefined || node.code !== undefined) return "error";
  if (node.pending !== undefined) return "pending";
  if (node.value === true) return "true";
  if (node.value === false) return "false";
  return "value";
}

export function sayNode(node: Node): string {
  switch (stateOf(node)) {
    case "error":
      return node.error ?? node.code ?? "error";
    case "pending":
      return "pending: a signal that was not fetched";
    default:
      return show(node.value);
  }
}

/** Sets what is laid over the text. */
export const setValued = StateEffect.define<Valued[]>();

const valuedField = StateField.define<{ list: Valued[]; marks: DecorationSet }>({
  create: () => ({ list: [], marks: Decoration.none }),
  update(value, tr) {
    for (const e of tr.effects) if (e.is(setValued)) return { list: e.value, marks: decorate(e.value, tr.state.doc) };
    // What was edited has no value any more, until the next answer.
    return tr.docChanged ? { list: [], marks: value.marks.map(tr.changes) } : value;
  },
  provide: (f) => EditorView.decorations.from(f, (v) => v.marks),
});

class Ends extends WidgetType {
  constructor(
    readonly state: string,
    readonly says: string,
  ) {
    super();
  }
  override eq(o: Ends): boolean {
    return o.state === this.state && o.says === this.says;
  }
  override toDOM(): HTMLElement {
    const e = document.createElement("span");
    e.className = `cm-outcome cm-is-${this.state}`;
    e.textContent = this.says;
    return e;
  }
}

function decorate(list: Valued[], doc: Text): DecorationSet {
  const found: { from: number; to: number; deco: Decoration }[] = [];
  const ends = new Map<number, Valued>();
  for (const v of list) {
    if (v.state !== "value" && v.to > v.from) found.push({ from: v.from, to: v.to, deco: Decoration.mark({ class: `cm-valued cm-is-${v.state}` }) });
    // The outermost expression that ends on a line says how it came out.
    const end = doc.lineAt(v.to).to;
    const before = ends.get(end);
    if (!before || v.to - v.from > before.to - before.from) ends.set(end, v);
  }
  for (const [end, v] of ends) {
    const says = v.state === "error" || v.state === "pending" ? v.state : v.says;
    found.push({ from: end, to: end, deco: Decoration.widget({ widget: new Ends(v.state, says.length > 40 ? `${says.slice(0, 39)}…` : says), side: 1 }) });
  }
  found.sort((a, b) => a.from - b.from || a.deco.startSide - b.deco.startSide || b.to - a.to);
  const builder = new RangeSetBuilder<Decoration>();
  for (const f of found) builder.add(f.from, f.to, f.deco);
  return builder.finish();
}

// Where the pointer rests, the innermost expressions say what they are worth.
const tips = hoverTooltip((view, pos) => {
  const here = view.state.field(valuedField).list.filter((v) => v.from <= pos && pos <= v.to);
  if (here.length === 0) return null;
  here.sort((a, b) => a.to - a.from - (b.to - b.from));
  const inner = here.slice(0, 3);
  return {
    pos: (inner[0] as Valued).from,
    end: (inner[0] as Valued).to,
    create() {
      const dom = document.createElement("div");
      dom.className = "cm-values";
      for (const v of inner) {
        const row = dom.appendChild(document.createElement("div"));
        const code = row.appendChild(document.createElement("code"));
        code.textContent = v.text.replace(/\s+/g, " ").slice(0, 120);
        const says = row.appendChild(document.createElement("strong"));
        says.className = `cm-is-${v.state}`;
        says.textContent = v.says.slice(0, 200);
      }
      return { dom };
    },
  };
});

/** The values of the answer, over the source. */
export const values: Extension = [valuedField, tips];
