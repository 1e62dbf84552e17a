// Below the policy: what is wrong with it, what its tests say, what its module is made of.

import { useState } from "preact/hooks";
import { gaps } from "../coverage.ts";
import { ask, built, decides, diagnostics, errors, files, activeFile, moduleBytes, notice, outline, panel, refusal, show, tested } from "../state.ts";
import { save } from "../save.ts";
import type { Coverage, Diagnostic, Range } from "../types.ts";

type Tab = typeof panel.value;
const titles: Record<Tab, string> = { problems: "Problems", tests: "Tests", module: "Module" };

export function Below() {
  const tab = panel.value;
  return (
    <section class="card below" aria-label="About the policy">
      <div role="tablist" aria-label="About the policy">
        {(Object.keys(titles) as Tab[]).map((t) => (
          <button key={t} type="button" role="tab" id={`below-${t}`} aria-selected={tab === t} aria-controls="below-panel" onClick={() => (panel.value = t)} tabIndex={tab === t ? 0 : -1} onKeyDown={(e) => arrows(e, t)}>
            {titles[t]}
            <Count of={t} />
          </button>
        ))}
      </div>
      <div class="panel" id="below-panel" role="tabpanel" aria-labelledby={`below-${tab}`} tabIndex={0}>
        {tab === "problems" && <Problems />}
        {tab === "tests" && <Tests />}
        {tab === "module" && <Module />}
      </div>
    </section>
  );
}

// Arrow keys go from tab to tab.
function arrows(e: KeyboardEvent, t: Tab): void {
  const all = Object.keys(titles) as Tab[];
  const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
  const next = all[(all.indexOf(t) + step + all.length) % all.length];
  if (step === 0 || !next) return;
  panel.value = next;
  document.getElementById(`below-${next}`)?.focus();
}

function Count({ of }: { of: Tab }) {
  if (of === "problems") {
    const n = diagnostics.value.length;
    return <span class={`count ${errors.value > 0 ? "is-bad" : n === 0 ? "is-good" : ""}`}>{n}</span>;
  }
  if (of === "tests" && tested.value?.report) {
    const r = tested.value.report;
    return <span class={`count ${r.failed > 0 ? "is-bad" : "is-good"}`}>{r.failed > 0 ? `${r.failed} failed` : r.passed}</span>;
  }
  if (of === "module" && built.value) return <span class="count">{kilobytes(built.value.bytes)}</span>;
  return null;
}

function go(at: Range): void {
  show(at.file, at.start.line, at.start.column);
}

function Problems() {
  const list = diagnostics.value;
  if (list.length === 0) return <p class="hint">Nothing to say: the policy is sound, as far as a checker can tell.</p>;
  return <>{list.map((d, i) => <Problem key={i} d={d} />)}</>;
}

function Problem({ d }: { d: Diagnostic }) {
  return (
    <div class={`problem is-${d.severity}`}>
      <strong>{d.summary}</strong> <code>[{d.code}]</code>
      {d.detail && <p>{d.detail}</p>}
      {d.suggestion && !d.detail?.includes(`\`${d.suggestion}\``) && <p>Did you mean <code>{d.suggestion}</code>?</p>}
      <button type="button" class="link rule" onClick={() => go(d)}>{`${d.file}:${d.start.line}:${d.start.column}`}</button>
    </div>
  );
}

function Tests() {
  const t = tested.value;
  if (!t) return <p class="hint">{decides.value ? "The tests have not run yet." : "Tests run when the policy has no mistakes."}</p>;
  if (t.diagnostics.some((d) => d.severity === "error")) return <>{t.diagnostics.map((d, i) => <Problem key={i} d={d} />)}</>;
  if (!t.report) return (
    <>
      <p class="hint">There are no tests. They stand beside the policy, in files that end in .rungtest.hcl, and run on every change.</p>
      <button type="button" class="quiet" onClick={begin}>Write the first one</button>
    </>
  );
  const c = t.report.coverage;
  return (
    <>
      <p>
        {t.report.passed} passed, {t.report.failed} failed. {c && <>They have seen {c.seen} of {c.outcomes} outcomes of conditions ({Math.floor(c.percent)} %).</>}
      </p>
      {c && <Gaps of={c} />}
      {t.report.results.map((r) => (
        <div key={r.name} class="test">
          <span class={`badge is-${r.passed ? "pass" : "fail"}`}>{r.passed ? "pass" : "fail"}</span>
          <div>
            <button type="button" class="link rule" onClick={() => go(r.at)}>{r.name}</button>
            {r.text && <pre tabIndex={0}>{r.text}</pre>}
          </div>
        </div>
      ))}
    </>
  );
}

// What the marks beside the lines say, for those who do not see them, and for those who look for what to test next.
function Gaps({ of }: { of: Coverage }) {
  const list = gaps(of);
  return (
    <div class="gaps">
      <p class="hint legend">
        Beside the lines: <span class="cm-seen" aria-hidden="true"><i class="yes on" /><i class="no on" /></span> seen true and false, <span class="cm-seen" aria-hidden="true"><i class="yes on" /><i class="no" /></span> only true,{" "}
        <span class="cm-seen" aria-hidden="true"><i class="yes" /><i class="no on" /></span> only false, <span class="cm-seen" aria-hidden="true"><i class="yes" /><i class="no" /></span> neither.
      </p>
      {list.length > 0 && (
        <details open={list.length <= 6}>
          <summary>{list.length === 1 ? "One condition is" : `${list.length} conditions are`} not covered</summary>
          <ul>
            {list.map((g, i) => (
              <li key={i}>
                <button type="button" class="link rule" onClick={() => go(g.at)}>{g.text}</button> <em>{g.missing}</em>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function begin(): void {
  const action = outline.value?.actions[0]?.name ?? "action.name";
  const name = "policy.rungtest.hcl";
  if (Object.hasOwn(files.value, name)) return;
  files.value = { ...files.value, [name]: `test "nobody without a session" {\n  action = ${JSON.stringify(action)}\n\n  expect {\n    effect = "step_up"\n  }\n}\n` };
  activeFile.value = name;
}

const kinds: Record<string, string> = { rule: "rule", action: "action", shared: "shared by rules", policy: "once for the policy", runtime: "helper", list: "list", data: "data" };

function Module() {
  const b = built.value;
  const r = refusal.value;
  const [text, setText] = useState<{ of: unknown; wat: string } | undefined>();
  if (r) return <><p class="hint">No module was made: {r.message.split("\n")[0]}</p>{r.diagnostics.map((d, i) => <Problem key={i} d={d} />)}</>;
  if (!b) return <p class="hint">The module is made as soon as the policy has no mistakes.</p>;
  const largest = Math.max(...b.parts.map((p) => p.bytes), 1);
  const name = outline.value?.name ?? "policy";
  const wat = () => ask<string>("text").then((t) => setText({ of: b, wat: t.length > 400_000 ? `${t.slice(0, 400_000)}\n;; and so on` : t }), (why: Error) => (notice.value = { text: why.message, kind: "error" }));
  return (
    <>
      <div class="module-head">
        <b>{kilobytes(b.bytes)}</b> <span class="hint">WebAssembly, no imports; {kilobytes(b.bare)} of it decides, the rest says what it is.</span>
        <button type="button" class="button" onClick={() => save(`${name}.wasm`, moduleBytes(), "application/wasm")}>Download .wasm</button>
        <button type="button" class="button" onClick={() => script(name)}>Download .mjs</button>
        <button type="button" class="quiet" onClick={wat}>Show its text</button>
      </div>
      {text?.of === b && <pre class="wat" tabIndex={0} aria-label="The module in WebAssembly's text format">{text.wat}</pre>}
      <table class="sizes">
        <caption class="sr">What takes the room in the module</caption>
        <thead><tr><th scope="col">part</th><th scope="col">for</th><th scope="col">bytes</th><td /></tr></thead>
        <tbody>
          {b.parts.map((p, i) => (
            <tr key={i}>
              <td><code>{p.name || p.kind}</code></td>
              <td>{kinds[p.kind] ?? p.kind}</td>
              <td class="n">{p.bytes.toLocaleString("en")}</td>
              <td><meter min={0} max={largest} value={p.bytes} aria-label={`${p.bytes} bytes`} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function script(name: string): void {
  ask<{ module: string; types: string }>("script").then(
    (s) => {
      save(`${name}.mjs`, s.module, "text/javascript");
      save(`${name}.d.mts`, s.types, "text/plain");
    },
    (why: Error) => (notice.value = { text: why.message, kind: "error" }),
  );
}

function kilobytes(n: number): string {
  return n < 1024 ? `${n} B` : `${(n / 1024).toFixed(1)} KB`;
}
