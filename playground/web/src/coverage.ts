// What the policy's tests have seen of it: beside the lines, as two marks, one for true and one for false, each full or hollow; and as a list of what is missing.

import { type Extension, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import { gutter, GutterMarker } from "@codemirror/view";
import { offset } from "./places.ts";
import { panel } from "./state.ts";
import type { Coverage, Range } from "./types.ts";

/** A condition, or a rule without one, that no test has seen in every way. */
export interface Gap {
  at: Range;
  text: string;
  missing: string;
}

/** What is missing, by place. */
export function gaps(c: Coverage): Gap[] {
  const out: Gap[] = [];
  for (const x of c.conditions) if (x.true === 0 || x.false === 0) out.push({ at: x.at, text: x.text, missing: missing(x) });
  for (const x of c.rules) if (!x.conditional && x.applied === 0) out.push({ at: x.at, text: x.rule, missing: "never applied" });
  return out.sort((a, b) => (a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : a.at.start.byte - b.at.start.byte));
}

function missing(x: { true: number; false: number; errors: number }): string {
  if (x.true > 0) return "never false";
  if (x.false > 0) return "never true";
  return x.errors > 0 ? "only in error" : "never looked at";
}

/** What was seen of what begins on a line. */
export interface Seen {
  from: number;
  yes: boolean;
  /** Absent where the line has nothing that could be false. */
  no: boolean | undefined;
  says: string;
}

/** The lines of a file that the tests could see, in their order. */
export function seen(doc: Text, file: string, c: Coverage): Seen[] {
  const lines = new Map<number, Seen>();
  const add = (at: Range, yes: boolean, no: boolean | undefined, says: string) => {
    if (at.file !== file || at.start.line > doc.lines) return;
    const from = doc.lineAt(offset(doc, at.start)).from;
    const before = lines.get(from);
    if (!before) lines.set(from, { from, yes, no, says });
    else lines.set(from, { from, yes: before.yes && yes, no: before.no === undefined ? no : before.no && (no ?? true), says: `${before.says}\n${says}` });
  };
  for (const x of c.conditions) {
    add(x.at, x.true > 0, x.false > 0, x.true > 0 && x.false > 0 ? `${x.text}: ${times("true", x.true)}, ${times("false", x.false)}` : `${x.text}: ${missing(x)}`);
  }
  for (const x of c.rules) if (!x.conditional) add(x.at, x.applied > 0, undefined, x.applied > 0 ? `${x.rule}: ${times("applied", x.applied)}` : `${x.rule}: never applied`);
  return [...lines.values()].sort((a, b) => a.from - b.from);
}

function times(word: string, n: number): string {
  return n === 1 ? `${word} once` : `${word} ${n} times`;
}

class Mark extends GutterMarker {
  constructor(private readonly seen: Seen) {
    super();
  }
  override eq(o: Mark): boolean {
    return o.seen.yes === this.seen.yes && o.seen.no === this.seen.no && o.seen.says === this.seen.says;
  }
  override toDOM(): HTMLElement {
    const { yes, no, says } = this.seen;
    const e = document.createElement("span");
    e.className = "cm-seen";
    e.title = `Tests have seen\n${says}`;
    e.appendChild(document.createElement("i")).className = yes ? "yes on" : "yes";
    if (no !== undefined) e.appendChild(document.createElement("i")).className = no ? "no on" : "no";
    return e;
  }
}

/** Sets what was seen. */
export const setSeen = StateEffect.define<Seen[]>();

const field = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(marks, tr) {
    for (const e of tr.effects) if (e.is(setSeen)) return RangeSet.of(e.value.map((s) => new Mark(s).range(s.from)));
    return tr.docChanged ? marks.map(tr.changes) : marks;
  },
});

/** The marks beside the lines. A click on one shows the tests. */
export const coverage: Extension = [
  field,
  gutter({
    class: "cm-coverage",
    markers: (v) => v.state.field(field),
    domEventHandlers: {
      mousedown(view, line) {
        let here = false;
        view.state.field(field).between(line.from, line.to, () => {
          here = true;
        });
        if (here) panel.value = "tests";
        return here;
      },
    },
  }),
];
