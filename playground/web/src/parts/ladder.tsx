// The picture of the ladder: where the session stands, and what is asked of it.

import { span } from "../say.ts";
import type { Decision, Outline } from "../types.ts";

const width = 340;
const gap = 78;
const foot = 44;
const top = 52;
const left = 64;
const right = 176;

/** The ladder of a policy, with a decision on it. */
export function Ladder({ policy, decision }: { policy: Outline; decision: Decision }) {
  const levels = policy.levels;
  const height = top + foot + gap * levels.length;
  const y = (rank: number) => {
    const i = levels.findIndex((l) => l.rank === rank);
    return height - foot - gap * (i + 1);
  };
  const ground = height - foot;
  const stands = levels.find((l) => l.name === decision.satisfied?.level);
  const asked = levels.find((l) => l.name === decision.requirement?.level);
  const standY = stands ? y(stands.rank) : ground;
  return (
    <svg class={`ladder is-${decision.error ? "deny" : decision.effect}`} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describe(decision)}>
      <defs>
        <linearGradient id="rail" x1="0" x2="0" y1="0" y2="1">
          <stop offset="0" class="rail-top" />
          <stop offset="1" class="rail-foot" />
        </linearGradient>
      </defs>
      <path class="ground" d={`M18 ${ground + 10} H${width - 18}`} />
      <path class="rails" d={`M${left - 14} ${ground + 10} L${left + 6} 14 M${right + 14} ${ground + 10} L${right - 6} 14`} />
      {levels.map((l) => (
        <g key={l.name} class={`rung ${l === asked ? "asked" : ""} ${stands && l.rank <= stands.rank ? "held" : ""}`}>
          <path class="bar" d={`M${inset(y(l.rank), ground, left - 14, left + 6)} ${y(l.rank)} H${inset(y(l.rank), ground, right + 14, right - 6)}`} />
          <text class="name" x={right + 26} y={y(l.rank) + 1}>
            {clip(l.name)}
          </text>
          <text class="note" x={right + 26} y={y(l.rank) + 17}>
            {l === asked ? asks(decision) : l === stands ? holds(decision) : ""}
          </text>
        </g>
      ))}
      {!stands && (
        <text class="note" x={right + 26} y={ground + 2}>
          proves nothing
        </text>
      )}
      {asked && <Climb from={standY} to={y(asked.rank)} />}
      {decision.effect === "deny" && <path class="barrier" d={`M${left - 34} ${standY - 42} H${right + 34}`} />}
      <Figure y={standY} />
    </svg>
  );
}

// The rails lean towards each other.
function inset(y: number, ground: number, below: number, above: number): number {
  const part = (ground + 10 - y) / (ground + 10 - 14);
  return below + (above - below) * part;
}

function Climb({ from, to }: { from: number; to: number }) {
  const x = (left + right) / 2;
  const climbs = to < from;
  // The same rung again, but fresh: round about.
  const d = climbs ? `M${x} ${from - 40} V${to + 16}` : `M${x + 22} ${from - 26} a 20 20 0 1 1 -8 -12`;
  return (
    <g class="climb">
      <path d={d} />
      <path class="head" d={climbs ? `M${x - 7} ${to + 18} l7 -10 l7 10` : `M${x + 6} ${from - 44} l9 5 l-6 8`} />
      <circle class="goal" cx={x} cy={to} r="7" />
    </g>
  );
}

function Figure({ y }: { y: number }) {
  const x = (left + right) / 2;
  return (
    <g class="figure" transform={`translate(${x} ${y})`}>
      <circle cx="0" cy="-27" r="7" />
      <path d="M-9 -3 C-9 -19 9 -19 9 -3 Z" />
    </g>
  );
}

function clip(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}

function asks(d: Decision): string {
  const age = d.requirement?.max_age;
  const held = d.satisfied?.level === d.requirement?.level && d.satisfied?.age !== undefined ? `${span(d.satisfied.age)} old; ` : "";
  return `${held}asked${age === undefined ? "" : age === 0 ? ", now" : `, ≤ ${span(age)}`}`;
}

function holds(d: Decision): string {
  const age = d.satisfied?.age;
  return age === undefined ? "proved" : `proved ${span(age)} ago`;
}

function describe(d: Decision): string {
  const stands = d.satisfied ? `The session proves ${d.satisfied.level}${d.satisfied.age === undefined ? "" : `, ${span(d.satisfied.age)} old`}.` : "The session proves no level.";
  const asked = d.requirement ? ` Asked for is ${d.requirement.level}${d.requirement.max_age === undefined ? "" : `, at most ${span(d.requirement.max_age)} old`}.` : "";
  return `The ladder. ${stands}${asked} The answer is ${d.effect}.`;
}
