// The answer as a person reads it, and why it is so.

import { useState } from "preact/hooks";
import { challenge, effectWords, list, sentence, show, span, stateWords } from "../say.ts";
import { agreement, ask, current, decides, decision, explained, outline, people, chosen, posture, reveal } from "../state.ts";
import type { Change, Decision, Node, RuleTrace } from "../types.ts";
import { sayNode, stateOf } from "../values.ts";
import { Ladder } from "./ladder.tsx";
import { kind, Mark } from "./mark.tsx";

export function Answer() {
  const d = decision.value;
  const policy = outline.value;
  const who = people.value[chosen.value];
  if (!d || !policy || !who) return <section class="card answer empty" aria-label="Answer"><p>The answer appears here as soon as the compiler is there.</p></section>;
  const is = kind(d);
  return (
    <section class={`card answer is-${is} ${decides.value ? "" : "stale"}`} aria-labelledby="answer-title">
      <div class="verdict">
        <p class="over">
          {who.name} · <code>{d.action ?? "an action that is not declared"}</code> · {posture.value}
        </p>
        <h2 id="answer-title" aria-live="polite">
          <Mark of={is} /> {d.error ? "Refused" : effectWords[d.effect]}
          {d.effect === "step_up" && d.requirement && <em> to {d.requirement.level}</em>}
        </h2>
        <p class="sentence">{sentence(d)}</p>
        {!decides.value && <p class="stale-note">The policy has mistakes: this is the last answer before them.</p>}
        <Reasons d={d} />
        <Shadow d={d} />
      </div>
      {!d.error && <Ladder policy={policy} decision={d} />}
      <Challenge d={d} />
      <Engines />
    </section>
  );
}

function Reasons({ d }: { d: Decision }) {
  if (!d.reasons?.length) return null;
  return (
    <ul class="reasons">
      {d.reasons.map((r) => (
        <li key={r.rule}>
          {r.message && <q>{r.message}</q>} <button type="button" class="link rule" onClick={() => reveal(r.rule)}>{r.rule}</button>
        </li>
      ))}
    </ul>
  );
}

function Shadow({ d }: { d: Decision }) {
  if (!d.shadow?.length) return null;
  return (
    <p class="shadow">
      On trial, not enforced: {list(d.shadow.map((r) => `${r.rule}${r.pending ? " (waits for a signal)" : ""}`))}.
      {d.shadow_effect && ` With them the answer would be ${effectWords[d.shadow_effect].toLowerCase()}.`}
    </p>
  );
}

function Challenge({ d }: { d: Decision }) {
  const text = challenge(d);
  if (!text) return null;
  return (
    <details class="challenge">
      <summary>What the application answers: 401 and a challenge</summary>
      <pre tabIndex={0}>{`HTTP/1.1 401 Unauthorized\nWWW-Authenticate: ${text.replaceAll(", ", ",\n  ")}`}</pre>
    </details>
  );
}

function Engines() {
  const a = agreement.value;
  return (
    <p class={`engines is-${a.state}`}>
      {a.state === "same" && `The module, as an application runs it, and the native engine agree on all ${a.count} answers.`}
      {a.state === "different" && `The module decides otherwise than the native engine for ${a.person}, ${a.posture}: that is a bug of Rung's.`}
      {a.state === "failed" && `Decided by the native engine alone: ${a.why}.`}
    </p>
  );
}

/** Every rule, how it came out, and what its parts were worth. */
export function Why() {
  const d = explained.value;
  const [all, setAll] = useState(false);
  if (!d?.trace) return null;
  const telling = new Set(["applies", "error", "pending", "met"]);
  const shown = d.trace.filter((r) => all || telling.has(r.state));
  const rest = d.trace.length - shown.length;
  return (
    <section class="card why" aria-labelledby="why-title">
      <header>
        <h2 id="why-title">Why</h2>
        <p class="hint">Every rule that reaches the action. The values stand in the policy too: rest the pointer on them.</p>
      </header>
      <Changes />
      {shown.map((r) => <Rule key={r.rule} r={r} />)}
      {shown.length === 0 && <p class="none">No rule applies, errs or waits.</p>}
      {(rest > 0 || all) && (
        <button type="button" class="quiet" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Only the rules that matter" : `${rest} more that ${rest === 1 ? "does" : "do"} not apply`}
        </button>
      )}
    </section>
  );
}

function Rule({ r }: { r: RuleTrace }) {
  const nodes = r.nodes ?? [];
  return (
    <details class={`rule-trace is-${r.state}`} open={r.state === "applies" || r.state === "error"}>
      <summary>
        <span class={`state is-${r.state}`}>{r.state}</span> <span class="rule-name">{r.rule}</span> <small>{words(r)}</small>
      </summary>
      {nodes.length > 0 && (
        <ul class="nodes">
          {nest(nodes).map((n, i) => <Tree key={i} n={n} />)}
        </ul>
      )}
      <button type="button" class="link" onClick={() => reveal(r.rule, r.at)}>{r.at}</button>
    </details>
  );
}

// What a rule's state comes to.
function words(r: RuleTrace): string {
  const rule = outline.value?.rules.find((x) => x.id === r.rule);
  if (r.state !== "applies" || !rule) return stateWords[r.state] ?? r.state;
  if (rule.effect === "deny") return "denies";
  const age = rule.max_age < 0 ? "" : rule.max_age === 0 ? "now" : `at most ${span(rule.max_age)} old`;
  return `asks for ${[rule.level, rule.methods?.join(" or "), age].filter(Boolean).join(", ")}`;
}

interface Nested extends Node {
  parts: Nested[];
}

// Nodes come in the order of evaluation, parts before wholes: what a whole's text holds is part of it.
function nest(nodes: Node[]): Nested[] {
  const out: Nested[] = [];
  for (const node of nodes) {
    const whole: Nested = { ...node, parts: [] };
    while (out.length > 0 && node.text.includes((out.at(-1) as Nested).text) && (out.at(-1) as Nested).text.length < node.text.length) whole.parts.unshift(out.pop() as Nested);
    out.push(whole);
  }
  return out;
}

// What is in error or pending, and did not matter, because the whole came out without it: true || error.
function absorbed(part: Nested, whole: Nested): boolean {
  const is = stateOf(part);
  const came = stateOf(whole);
  return (is === "error" || is === "pending") && came !== "error" && came !== "pending";
}

function Tree({ n, absorbed: was = false }: { n: Nested; absorbed?: boolean }) {
  const says = sayNode(n);
  const literal = n.parts.length === 0 && says === n.text;
  if (literal) return null;
  return (
    <li>
      <code>{n.text.replace(/\s+/g, " ")}</code> <span class={`value is-${stateOf(n)}`}>{says.length > 160 ? `${says.slice(0, 159)}…` : says}</span>
      {was && <small class="absorbed">absorbed: the whole came out without it</small>}
      {n.parts.length > 0 && (
        <ul>
          {n.parts.map((p, i) => <Tree key={i} n={p} absorbed={absorbed(p, n)} />)}
        </ul>
      )}
    </li>
  );
}

const hows: Record<string, string> = {
  is: "being", not: "other than", at_most: "of at most", at_least: "of at least", below: "below", above: "above", with: "with", without: "without", present: "given", absent: "not given",
};

// What would change it is asked for by a person, since it decides again and again.
function Changes() {
  const d = decision.value;
  const request = current();
  const [found, setFound] = useState<{ of: string; list: Change[] | string } | undefined>();
  if (!d || d.error || d.effect === "allow" || request === undefined) return null;
  const mine = found?.of === request ? found.list : undefined;
  const look = () =>
    ask<Change[] | null>("changes", request).then(
      (l) => setFound({ of: request, list: l ?? [] }),
      (why: Error) => setFound({ of: request, list: why.message }),
    );
  return (
    <div class="changes" aria-live="polite">
      {mine === undefined && <button type="button" class="quiet" onClick={look}>What would change it?</button>}
      {typeof mine === "string" && <p>{mine}</p>}
      {Array.isArray(mine) && mine.length === 0 && <p>No change of a single attribute would allow it.</p>}
      {Array.isArray(mine) && mine.length > 0 && (
        <>
          <p>It would be allowed with one of</p>
          <ul>
            {mine.map((c) => (
              <li key={c.path}>
                <code>{c.attribute}</code> {hows[c.how] ?? c.how} {c.value !== undefined && <code>{show(c.value)}</code>} {c.from !== undefined && <small>and not {show(c.from)}</small>}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

