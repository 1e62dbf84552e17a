// Runs the decision cases of the conformance suite, on any runtime: `run` takes what `go run ./internal/cases` has written, and the SDK.

/** The canonical form of a decision: docs/language.md, "Canonical form". */
export function canonical(decision, withPolicy) {
  const d = structuredClone(decision);
  if (!withPolicy) delete d.policy;
  delete d.trace;
  if (d.error) delete d.error.message;
  for (const i of d.indeterminate ?? []) {
    delete i.error;
    if (i.at) i.at = i.at.replace(/^(.+:\d+):\d+$/, "$1");
  }
  return JSON.stringify(sorted(d));
}

function sorted(v) {
  if (Array.isArray(v)) return v.map(sorted);
  if (typeof v !== "object" || v === null) return v;
  return Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])]));
}

export const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

const clock = () => new Date("2026-01-01T00:00:00Z");

/** How many cases there were, and what was wrong with those that have failed. `compiled` are the modules, where they cannot be compiled at run time. */
export function run({ modules, cases }, { loadSync }, compiled) {
  const failed = [];
  let policy;
  let of;
  for (const c of cases) {
    // One at a time: browsers give a page the memory of a hundred instances or so.
    if (of !== c.module) policy = undefined;
    const tools = c.reader === "tools";
    policy ??= loadSync(compiled?.[c.module] ?? bytesOf(modules[c.module]), { clock, strict: tools, trusted: tools });
    of = c.module;
    const got = policy.decideJSON(bytesOf(c.request));
    const withPolicy = "policy" in c.decision;
    const text = canonical(JSON.parse(JSON.stringify(got)), withPolicy);
    const want = canonical(c.decision, withPolicy);
    if (text !== want) failed.push(`${c.name}\n  got  ${text}\n  want ${want}`);
  }
  return { count: cases.length, failed };
}
