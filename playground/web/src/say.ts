// Answers in words.

import type { Decision, Effect, Outline } from "./types.ts";

/** A span of time in words, as short as it can be: "45 s", "5 min", "3 h", "2 days". */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return part(seconds, 60, "min", "s");
  if (seconds < 48 * 3600) return part(seconds, 3600, "h", "min");
  const days = Math.floor(seconds / 86400);
  return `${days} days`;
}

function part(seconds: number, unit: number, name: string, below: string): string {
  const rest = Math.floor((seconds % unit) / (unit === 60 ? 1 : 60));
  const whole = `${Math.floor(seconds / unit)} ${name}`;
  return rest === 0 ? whole : `${whole} ${rest} ${below}`;
}

export const effectWords: Record<Effect, string> = { allow: "Allow", step_up: "Step up", deny: "Deny", need: "Need" };

/** What an effect is called where there is little room. */
export function brief(d: Decision): string {
  if (d.error) return "refused";
  if (d.effect === "step_up") {
    const q = d.requirement;
    return [q?.level, q?.max_age === undefined ? "" : `≤ ${span(q.max_age)}`].filter(Boolean).join(" ");
  }
  if (d.effect === "need") return (d.need ?? []).join(", ");
  return d.effect;
}

/** The answer as a sentence. */
export function sentence(d: Decision): string {
  if (d.error) return d.error.path ? `The request is refused at ${d.error.path}: ${d.error.message}.` : `The request is refused: ${d.error.message}.`;
  switch (d.effect) {
    case "allow":
      return d.satisfied ? "Nothing more is asked for." : "Anybody may do this.";
    case "deny":
      return "No authentication helps.";
    case "need":
      return `Before this can be decided, fetch ${list(d.need ?? [])}.`;
    case "step_up":
      return requirement(d);
  }
}

function requirement(d: Decision): string {
  const q = d.requirement;
  if (!q) return "";
  const methods = (q.methods ?? []).map((g) => `with ${either(g.one_of)}`);
  const age = q.max_age === undefined ? "" : q.max_age === 0 ? "now" : `at most ${span(q.max_age)} old`;
  const asks = ["Authenticate", `at ${q.level}`, methods.join(" and "), age && `, ${age}`].filter(Boolean).join(" ").replace(" ,", ",");
  return q.reachable === false ? `${asks}. What this person has enrolled cannot meet it.` : `${asks}.`;
}

export function list(words: string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function either(words: string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

export const stateWords: Record<string, string> = {
  applies: "is asked for",
  met: "the session meets it",
  false: "does not apply",
  error: "cannot be decided, so it applies",
  pending: "waits for a signal",
  off: "is off",
  posture: "not at this posture",
  rollout: "not rolled out to this subject",
};

/** A value of a trace, as CEL would write it, about. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}

/** The challenge of RFC 9470 that a decision leads to. */
export function challenge(d: Decision): string | undefined {
  const q = d.requirement;
  if (d.effect !== "step_up" || !q) return undefined;
  const out = ['Bearer error="insufficient_user_authentication"', 'error_description="A different authentication level is required"'];
  if (q.acr_values?.length) out.push(`acr_values="${q.acr_values.join(" ")}"`);
  if (q.max_age !== undefined) out.push(`max_age="${q.max_age}"`);
  return out.join(", ");
}

/** The rank of a level by its name; 0 if there is none. */
export function rank(policy: Outline, name: string | undefined): number {
  return policy.levels.find((l) => l.name === name)?.rank ?? 0;
}
