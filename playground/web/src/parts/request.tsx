// The request that is looked at: as a form made from the policy's types, and as JSON, kept in step.

import type { EditorView } from "@codemirror/view";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { mount, requestState } from "../editor.ts";
import { at, members, pretty, put } from "../people.ts";
import { chosen, editPerson, outline, people, reads } from "../state.ts";
import type { Type } from "../types.ts";
import { sheet } from "./sheet.ts";

export function Request() {
  const [tab, setTab] = useState<"form" | "json">("form");
  const p = people.value[chosen.value];
  if (!p) return null;
  return (
    <section class="card request" aria-labelledby="request-title">
      <header>
        <h2 id="request-title">Request</h2>
        <div class="tabs" role="tablist" aria-label="Request as">
          {(["form", "json"] as const).map((t) => (
            <button key={t} type="button" role="tab" id={`request-${t}`} aria-selected={tab === t} aria-controls="request-panel" onClick={() => setTab(t)}>
              {t === "form" ? "Form" : "JSON"}
            </button>
          ))}
        </div>
      </header>
      <label class="field name">
        <span>Name</span>
        <input value={p.name} maxLength={80} onInput={(e) => editPerson({ name: e.currentTarget.value })} />
      </label>
      <div id="request-panel" role="tabpanel" aria-labelledby={`request-${tab}`}>
        {tab === "form" ? <Form key={chosen.value} /> : <Text key={chosen.value} />}
      </div>
    </section>
  );
}

function Text() {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const text = people.value[chosen.value]?.text ?? "";
  useLayoutEffect(() => {
    if (!host.current) return;
    view.current = mount(host.current, requestState(text, (t) => editPerson({ text: t })), sheet());
    return () => view.current?.destroy();
  }, []);
  useLayoutEffect(() => {
    const v = view.current;
    const now = people.value[chosen.value]?.text ?? ""; // and not when this was drawn
    if (v && v.state.doc.toString() !== now) v.setState(requestState(now, (t) => editPerson({ text: t })));
  }, [text]);
  return <div class="editor json" ref={host} />;
}

function Form() {
  const policy = outline.value;
  const p = people.value[chosen.value];
  const own = p && members(p.text);
  const [more, setMore] = useState(false);
  if (!p || !policy) return null;
  if (!own) return <p class="none">This is no JSON object: mend it under JSON, or <button type="button" class="link" onClick={() => editPerson({ text: '{\n  "action": ""\n}' })}>start anew</button>.</p>;
  const set = (path: string[], value: unknown) => editPerson({ text: pretty(put(own, path, value)) });
  const action = policy.actions.find((a) => a.name === own.action);
  // What the rules of this action look at, and what is given; the rest is for who asks for it.
  const looked = new Set((reads.value[String(own.action)] ?? []).flatMap((path) => prefixes(path)));
  const shown: Shown = (path) => more || at(own, path) !== undefined || looked.has(path.slice(1).join("."));
  const groups = policy.signals.filter((s) => shown(["signals", s.name]));
  return (
    <form onSubmit={(e) => e.preventDefault()} autocomplete="off">
      <label class="field">
        <span>Action</span>
        <select value={typeof own.action === "string" ? own.action : ""} onChange={(e) => set(["action"], e.currentTarget.value)}>
          {!action && <option value={String(own.action ?? "")}>{String(own.action ?? "choose one")}</option>}
          {policy.actions.map((a) => <option key={a.name} value={a.name}>{a.name}</option>)}
        </select>
      </label>
      <Now value={own.now} set={(v) => set(["now"], v)} />
      {action?.resource && <Value path={["signals", "resource"]} type={action.resource} own={own} set={set} label="resource" lazy={false} shown={() => true} />}
      {groups.map((s) => <Value key={s.name} path={["signals", s.name]} type={s.type} own={own} set={set} label={s.name} lazy={s.lazy ?? false} hint={s.description} shown={shown} />)}
      <button type="button" class="quiet" aria-expanded={more} onClick={() => setMore(!more)}>{more ? "Only what the rules look at" : "All that a request may hold"}</button>
    </form>
  );
}

type Shown = (path: string[]) => boolean;

// "session.authentications" is under "session".
function prefixes(path: string): string[] {
  const parts = path.split(".");
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}

const hour = 3600_000;
// The slider is finer near its middle: a few minutes there, days at its ends.
const reach = 30 * 24 * hour;
const fromSlider = (v: number) => Math.sign(v) * Math.round(((Math.abs(v) / 100) ** 3 * reach) / 60_000) * 60_000;
const toSlider = (ms: number) => Math.sign(ms) * Math.cbrt(Math.min(1, Math.abs(ms) / reach)) * 100;

function Now({ value, set }: { value: unknown; set(v: string): void }) {
  const text = typeof value === "string" ? value : "";
  const time = Date.parse(text);
  const base = useRef(Number.isNaN(time) ? 0 : time);
  const away = Number.isNaN(time) ? 0 : time - base.current;
  return (
    <div class="field now">
      <label>
        <span>now</span>
        <input type="datetime-local" step="1" value={local(text)} onInput={(e) => e.currentTarget.value && set(`${e.currentTarget.value.padEnd(19, ":00").slice(0, 19)}Z`)} />
      </label>
      <label class="slider">
        <span class="away">{away === 0 ? "drag through time" : `${away > 0 ? "+" : "−"} ${words(Math.abs(away))}`}</span>
        <input type="range" min="-100" max="100" step="0.5" value={toSlider(away)} aria-label="Move now" aria-valuetext={words(away)} onInput={(e) => set(`${new Date(base.current + fromSlider(Number(e.currentTarget.value))).toISOString().slice(0, 19)}Z`)} />
      </label>
    </div>
  );
}

function words(ms: number): string {
  const m = Math.round(Math.abs(ms) / 60_000);
  return m < 120 ? `${m} min` : m < 48 * 60 ? `${Math.round(m / 60)} h` : `${Math.round(m / 1440)} days`;
}

function local(text: string): string {
  const t = Date.parse(text);
  return Number.isNaN(t) ? "" : new Date(t).toISOString().slice(0, 19);
}

interface ValueProps {
  path: string[];
  type: Type;
  own: { [name: string]: unknown };
  set(path: string[], value: unknown): void;
  label: string;
  lazy: boolean;
  hint?: string | undefined;
  shown: Shown;
}

function Value(props: ValueProps) {
  const { type, path, own, label, hint, lazy, set, shown } = props;
  if (type.kind !== "object") return <Scalar {...props} />;
  const value = at(own, path);
  const attributes = (type.attrs ?? []).filter((a) => !(path[1] === "session" && a.name === "level") && shown([...path, a.name]));
  const given = attributes.filter((a) => at(own, [...path, a.name]) !== undefined).length;
  return (
    <details class="group" open={attributes.length <= 10}>
      <summary>
        <span>{label}</span> <small>{lazy && value === undefined ? "not fetched yet" : given === 0 ? "nothing given" : `${given} given`}</small>
      </summary>
      {hint && <p class="hint">{hint}</p>}
      {lazy && <Fetched value={value} set={(v) => set(path, v)} empty={{}} />}
      {attributes.map((a) => <Value key={a.name} path={[...path, a.name]} type={a.type} own={own} set={set} label={a.name} lazy={false} shown={shown} />)}
    </details>
  );
}

function Fetched({ value, set, empty }: { value: unknown; set(v: unknown): void; empty: unknown }) {
  const state = value === undefined ? "pending" : value === null ? "none" : "found";
  return (
    <select class="fetched" aria-label="Fetched" value={state} onChange={(e) => set(e.currentTarget.value === "pending" ? undefined : e.currentTarget.value === "none" ? null : empty)}>
      <option value="pending">not fetched yet</option>
      <option value="none">fetched, there is none</option>
      <option value="found">fetched</option>
    </select>
  );
}

const empties: Record<string, unknown> = { bool: true, int: 0, uint: 0, double: 0, string: "", list: [], map: {}, any: null, timestamp: "2026-01-01T00:00:00Z", duration: "1h", ip: "192.0.2.1", cidr: "192.0.2.0/24", bytes: "" };

function Scalar({ path, type, own, set, label, lazy, hint }: ValueProps) {
  const value = at(own, path);
  const id = `field-${path.join("-")}`;
  return (
    <div class={`field ${value === undefined ? "absent" : ""}`}>
      <label for={id} title={hint}>
        <span>{label}</span> <small>{type.kind}</small>
      </label>
      {lazy ? <Fetched value={value} set={(v) => set(path, v)} empty={empties[type.kind]} /> : null}
      {(!lazy || (value !== undefined && value !== null)) && <Input id={id} type={type} value={value} set={(v) => set(path, v)} />}
      {!lazy && value !== undefined && <button type="button" class="clear" aria-label={`Leave ${label} out`} onClick={() => set(path, undefined)}>×</button>}
    </div>
  );
}

function Input({ id, type, value, set }: { id: string; type: Type; value: unknown; set(v: unknown): void }) {
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  switch (type.kind) {
    case "bool":
      return (
        <select id={id} value={value === undefined ? "" : String(value)} onChange={(e) => set(e.currentTarget.value === "" ? undefined : e.currentTarget.value === "true")}>
          <option value="">absent</option>
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      );
    case "int":
    case "uint":
    case "double":
      return <input id={id} type="number" step={type.kind === "double" ? "any" : "1"} value={text} placeholder="absent" onInput={(e) => set(e.currentTarget.value === "" ? undefined : Number(e.currentTarget.value))} />;
    case "timestamp":
      return <input id={id} type="datetime-local" step="1" value={local(text)} onInput={(e) => set(e.currentTarget.value === "" ? undefined : `${e.currentTarget.value.padEnd(19, ":00").slice(0, 19)}Z`)} />;
    case "list":
      if (type.elem?.kind === "string" || type.elem?.kind === "ip") return <Words id={id} value={value} set={set} />;
      return <Json id={id} value={value} set={set} />;
    case "map":
    case "any":
      return <Json id={id} value={value} set={set} />;
    default:
      return <input id={id} value={text} placeholder="absent" onInput={(e) => set(e.currentTarget.value === "" ? undefined : e.currentTarget.value)} />;
  }
}

function Words({ id, value, set }: { id: string; value: unknown; set(v: unknown): void }) {
  const shown = Array.isArray(value) ? value.join(", ") : "";
  const [typed, setTyped] = useState(shown);
  const own = typed.split(",").map((w) => w.trim()).filter(Boolean);
  const same = Array.isArray(value) ? own.join("\n") === value.join("\n") : own.length === 0;
  return <input id={id} value={same ? typed : shown} placeholder="absent" onInput={(e) => {
    setTyped(e.currentTarget.value);
    const list = e.currentTarget.value.split(",").map((w) => w.trim()).filter(Boolean);
    set(list.length === 0 ? undefined : list);
  }} />;
}

function Json({ id, value, set }: { id: string; value: unknown; set(v: unknown): void }) {
  const [bad, setBad] = useState(false);
  return <input id={id} class="json" aria-invalid={bad} defaultValue={value === undefined ? "" : JSON.stringify(value)} placeholder="absent" onChange={(e) => {
    const text = e.currentTarget.value.trim();
    try {
      set(text === "" ? undefined : JSON.parse(text));
      setBad(false);
    } catch {
      setBad(true);
    }
  }} />;
}
