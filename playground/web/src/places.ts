// Where the compiler's places stand in a text.

import type { Text } from "@codemirror/state";
import type { Place } from "./types.ts";

/** The offset of a place, whose columns count code points. */
export function offset(doc: Text, p: Place): number {
  if (p.line > doc.lines) return doc.length;
  const line = doc.line(Math.max(1, p.line));
  let at = line.from;
  let column = 1;
  for (const c of line.text) {
    if (column++ >= p.column) break;
    at += c.length;
  }
  return at;
}
