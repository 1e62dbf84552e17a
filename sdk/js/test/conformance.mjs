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

/** A policy that decides by the code that rung has written for it, where it can, and how often it did. */
export function written(module, writer, { fast }, options) {
  const all = { taken: 0 };
  all.policy = new (class extends fast(writer, undefined, 1) {
    answer(request, write) {
      let left = false;
      const d = super.answer(request, (plan) => {
        left = true;
        write(plan);
      });
      if (!left && !d.error) all.taken++;
      return d;
    }
  })(module, options);
  return all;
}

/** What JSON.parse makes of a request's text; undefined if that is none. */
function parsed(base64) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(base64)));
  } catch {
    return undefined;
  }
}

/** What is wrong where a policy decides otherwise about an object than its own code; "" if nothing is. */
function apart(policy, { policy: fast }, request) {
  const [a, b] = [policy, fast].map((p) => canonical(p.decide(request), true) + p.ignored);
  return a === b ? "" : `\n  by its own code  ${b}\n  without          ${a}`;
}

/**
 * How many cases there were, what was wrong with those that have failed, and how many were decided again, as objects, by the code that rung has written for their policies. `compiled` are
 * the modules, where they cannot be compiled at run time.
 */
export function run({ modules, cases }, sdk, writers, compiled) {
  const failed = [];
  let taken = 0;
  let of;
  let policy;
  let plain;
  let own;
  for (const c of cases) {
    const tools = c.reader === "tools";
    if (of !== c.module) {
      // One at a time: browsers give a page the memory of a hundred instances or so.
      policy = plain = own = undefined;
      const module = compiled?.[c.module] ?? new WebAssembly.Module(bytesOf(modules[c.module]));
      policy = sdk.loadSync(module, { clock, strict: tools, trusted: tools });
      plain = sdk.loadSync(module, { clock });
      own = written(module, writers[c.module], sdk, { clock });
      of = c.module;
    }
    const request = parsed(c.request);
    if (request !== undefined) {
      const wrong = apart(plain, own, request);
      if (wrong) failed.push(c.name + wrong);
      taken += own.taken;
      own.taken = 0;
    }
    const got = policy.decideJSON(bytesOf(c.request));
    const withPolicy = "policy" in c.decision;
    const text = canonical(JSON.parse(JSON.stringify(got)), withPolicy);
    const want = canonical(c.decision, withPolicy);
    if (text !== want) failed.push(`${c.name}\n  got  ${text}\n  want ${want}`);
  }
  return { count: cases.length, failed, taken };
}
