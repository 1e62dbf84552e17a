// Colours for policies: HCL, and the CEL in its strings. A tokenizer of lines is enough; what a text means, the compiler says.

import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from "@codemirror/language";
import { tags as t } from "@lezer/highlight";

interface State {
  /** The attribute whose value comes next: some hold conditions. */
  attribute: string;
  /** The end of the heredoc that is open, or "". */
  heredoc: string;
  /** Whether what is in quotes, or in the heredoc, is CEL. */
  cel: boolean;
  inString: boolean;
  /** The blocks that are open, innermost last. */
  blocks: string[];
  pending: string;
}

const blocks = /^(?:policy|level|signal|param|list|let|posture|action|step_up|deny|rollout|test|fixture|case|expect)\b/;
const conditions = new Set(["when", "unless", "by"]);
const words = /^(?:true|false|null|in)\b/;
const types = /^(?:bool|int|uint|double|string|bytes|timestamp|duration|ip|cidr|any|list|map|object|optional)\b/;
const macros = /^(?:has|all|exists|exists_one|existsOne|filter|map|matches|startsWith|endsWith|contains|size|duration|timestamp|ip|cidr|orValue|optMap|optFlatMap)(?=\()/;

function cel(s: StringStream): string | null {
  if (s.match(/^\/\/.*/)) return "comment";
  if (s.match(/^(?:[rbRB]{0,2})'(?:[^'\\]|\\.)*'?/) || s.match(/^\\"(?:[^"\\]|\\[^"])*\\"/)) return "string";
  if (s.match(words)) return "keyword";
  if (s.match(/^(?:0x[\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)u?/)) return "number";
  if (s.match(macros)) return "variableName.function";
  // What stands behind a dot is part of something; a name by itself is a signal, a let, or what a macro binds.
  const part = /\.\??$/.test(s.string.slice(0, s.pos));
  if (s.match(/^[A-Za-z_]\w*/)) return part ? "variableName" : "variableName.special";
  if (s.match(/^(?:&&|\|\||[!=<>]=?|[-+*/%?:])/)) return "operator";
  s.next();
  return null;
}

function inHeredoc(s: StringStream, st: State): string | null {
  if (s.sol() && s.string.trim() === st.heredoc) {
    s.skipToEnd();
    st.heredoc = "";
    return "meta";
  }
  if (s.eatSpace()) return null;
  if (!st.cel) {
    s.skipToEnd();
    return "string";
  }
  return cel(s);
}

function inString(s: StringStream, st: State): string | null {
  if (s.eat('"') || s.eol()) {
    st.inString = false;
    return "string";
  }
  if (st.cel) return s.eatSpace() ? null : cel(s);
  if (s.match(/^(?:[^"\\]|\\.)+/)) return "string";
  s.next();
  return "string";
}

function top(s: StringStream, st: State): string | null {
  if (s.eatSpace()) return null;
  if (s.match(/^(?:#|\/\/).*/)) return "comment";
  const heredoc = s.match(/^<<-?([A-Za-z_]\w*)/) as RegExpMatchArray | null;
  if (heredoc) {
    st.heredoc = heredoc[1] ?? "";
    st.cel = conditions.has(st.attribute) || st.blocks.at(-1) === "let";
    return "meta";
  }
  if (s.eat('"')) {
    st.inString = true;
    st.cel = st.attribute !== "" && (conditions.has(st.attribute) || st.blocks.at(-1) === "let");
    return "string";
  }
  if (s.eat("{")) {
    st.blocks.push(st.pending);
    st.attribute = st.pending = "";
    return "bracket";
  }
  if (s.eat("}")) {
    st.blocks.pop();
    st.attribute = "";
    return "bracket";
  }
  if (s.match(/^[A-Za-z_][\w-]*(?=\s*=)/)) {
    st.attribute = s.current();
    return "propertyName";
  }
  if (s.match(blocks)) {
    st.pending = s.current();
    st.attribute = "";
    return "keyword";
  }
  if (s.match(types)) return "typeName";
  if (s.match(/^-?\d+(?:\.\d+)?/)) return "number";
  if (s.match(words)) return "atom";
  if (s.match(/^[A-Za-z_][\w-]*/)) return "variableName";
  s.next();
  return null;
}

/** Policies, and their tests. */
export const policyLanguage = StreamLanguage.define<State>({
  name: "rung",
  startState: () => ({ attribute: "", heredoc: "", cel: false, inString: false, blocks: [], pending: "" }),
  copyState: (st) => ({ ...st, blocks: [...st.blocks] }),
  token(s, st) {
    if (s.sol() && st.inString) st.inString = false; // a string ends with its line
    if (st.heredoc !== "") return inHeredoc(s, st);
    if (st.inString) return inString(s, st);
    return top(s, st);
  },
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});

/** JSON, for requests. */
export const jsonLanguage = StreamLanguage.define({
  name: "json",
  token(s) {
    if (s.eatSpace()) return null;
    if (s.match(/^"(?:[^"\\]|\\.)*"(?=\s*:)/)) return "propertyName";
    if (s.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (s.match(/^-?\d[\d.eE+-]*/)) return "number";
    if (s.match(/^(?:true|false|null)\b/)) return "atom";
    s.next();
    return null;
  },
});

/** The colours are those of the page's themes: CSS variables. */
export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: t.keyword, color: "var(--code-keyword)", fontWeight: "600" },
    { tag: [t.atom, t.number], color: "var(--code-number)" },
    { tag: [t.string, t.meta], color: "var(--code-string)" },
    { tag: t.comment, color: "var(--code-comment)", fontStyle: "italic" },
    { tag: t.typeName, color: "var(--code-type)" },
    { tag: t.propertyName, color: "var(--code-name)" },
    { tag: t.special(t.variableName), color: "var(--code-signal)" },
    { tag: t.function(t.variableName), color: "var(--code-type)" },
    { tag: t.operator, color: "var(--code-operator)", fontWeight: "600" },
  ]),
);
