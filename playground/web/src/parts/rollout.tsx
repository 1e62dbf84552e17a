// Rules that are for a part of the subjects: where some of them stand, and who is in.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { at, members, pretty, put } from "../people.ts";
import { ask, chosen, decides, editPerson, later, outline, people, reveal } from "../state.ts";
import type { Rollout } from "../types.ts";

// Subjects like any: their ids are hashed, so that they stand evenly spread.
const samples = Array.from({ length: 24 }, (_, i) => `u-${i + 1}`);

export function Rollouts() {
  const policy = outline.value;
  const who = people.value[chosen.value];
  const own = who && members(who.text);
  const rules = policy?.rules.filter((r) => r.percent !== undefined && r.mode !== "off" && r.actions.includes(String(own?.action))) ?? [];
  const [list, setList] = useState<{ of: string[]; found: Rollout[] }>({ of: [], found: [] });
  const ids = people.value.flatMap((p) => list.found.map((r) => subject(members(p.text), r)).filter((s) => s !== undefined));
  const subjects = [...new Set([...samples, ...ids])].slice(0, 100);
  const asked = rules.length > 0 && decides.value ? subjects.join("\n") : undefined;
  useLayoutEffect(() => {
    if (asked === undefined) return;
    const of = asked.split("\n");
    // Answers go first: this is asked once nobody types.
    return later(200, () => {
      ask<Rollout[]>("rollouts", of).then((found) => setList({ of, found }), () => undefined); // the page says elsewhere what is wrong
    });
  }, [asked, policy]);
  const shown = list.found.filter((r) => rules.some((x) => x.id === r.rule));
  if (shown.length === 0 || !own) return null;
  return (
    <section class="card rollouts" aria-labelledby="rollout-title">
      <header>
        <h2 id="rollout-title">Rollout</h2>
        <p class="hint">Rules that are for a part of the subjects. Pick one to make the request theirs.</p>
      </header>
      {shown.map((r) => <Strip key={r.rule} r={r} subjects={list.of} mine={subject(own, r)} />)}
    </section>
  );
}

function subject(own: { [name: string]: unknown } | undefined, r: Rollout): string | undefined {
  const value = r.path && at(own, r.path);
  return typeof value === "string" && !value.includes("\n") ? value : undefined;
}

function pick(r: Rollout, id: string): void {
  const own = members(people.value[chosen.value]?.text ?? "");
  if (own && r.path) editPerson({ text: pretty(put(own, r.path, id === "" ? undefined : id)) });
}

function Strip({ r, subjects, mine }: { r: Rollout; subjects: string[]; mine: string | undefined }) {
  const all = subjects.map((id, i) => ({ id, stands: r.stands[i] ?? 0 })).filter((s) => samples.includes(s.id) || s.id === mine);
  const strip = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(320);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([e]) => e && e.contentRect.width > 0 && setWidth(e.contentRect.width));
    if (strip.current) watch.observe(strip.current);
    return () => watch.disconnect();
  }, []);
  const lanes = inLanes(all, (100 * 26) / (width - 24));
  const me = all.find((s) => s.id === mine);
  const depth = Math.max(...lanes.values()) + 1;
  return (
    <div class="rollout">
      <p>
        <button type="button" class="link rule" onClick={() => reveal(r.rule)}>{r.rule}</button>
        <span class="share"> is for <b>{r.percent} %</b>, by <code>{r.by}</code></span>
      </p>
      <div class="strip" ref={strip} style={{ height: `${depth * 27 + 24}px` }}>
        <div class="in" style={{ width: `${r.percent}%` }} />
        {all.map((s) => <Dot key={s.id} r={r} id={s.id} stands={s.stands} lane={lanes.get(s.id) ?? 0} mine={s.id === mine} />)}
        <span class="tick" style={{ left: `${r.percent}%` }}>{r.percent} %</span>
      </div>
      {r.path ? (
        <label class="field">
          <span>{r.by}</span>
          <input value={mine ?? ""} placeholder="absent" maxLength={200} onInput={(e) => pick(r, e.currentTarget.value)} />
        </label>
      ) : (
        <p class="hint">The dots are values of that expression.</p>
      )}
      <p aria-live="polite">{says(r, mine, me?.stands)}</p>
    </div>
  );
}

function says(r: Rollout, mine: string | undefined, stands: number | undefined): string {
  if (!r.path) return "";
  if (mine === undefined) return "The request does not say who it is: the rule then holds for it.";
  if (stands === undefined) return "";
  return stands < r.percent ? `${mine} stands at ${stands} %: in, and stays in as the rollout grows.` : `${mine} stands at ${stands} %: out, until the rollout is above that.`;
}

function Dot({ r, id, stands, lane, mine }: { r: Rollout; id: string; stands: number; lane: number; mine: boolean }) {
  const isIn = stands < r.percent;
  const label = `${id} stands at ${stands} %, ${isIn ? "in" : "out"}`;
  const style = { left: `calc(12px + (100% - 24px) * ${stands / 100})`, top: `${lane * 27 + 2}px` };
  return (
    <button type="button" class={`dot ${isIn ? "is-in" : "is-out"}`} style={style} aria-label={label} title={label} aria-pressed={mine} disabled={!r.path} onClick={() => pick(r, id)}>
      {isIn ? "✓" : ""}
    </button>
  );
}

// Dots do not lie on each other: each goes into the first lane in which it is so many percent apart from the one before.
function inLanes(all: { id: string; stands: number }[], apart: number): Map<string, number> {
  const ends: number[] = [];
  const out = new Map<string, number>();
  for (const s of [...all].sort((a, b) => a.stands - b.stands)) {
    let lane = ends.findIndex((end) => s.stands - end >= apart);
    if (lane < 0) lane = ends.length;
    ends[lane] = s.stands;
    out.set(s.id, lane);
  }
  return out;
}
