// The first minute: four steps, each done when its thing is done.

import { effect, signal } from "@preact/signals";
import { files, people, posture, take } from "../state.ts";
import { first } from "../gallery.ts";

/** The step that is shown; -1 is none. */
export const touring = signal(-1);

const key = "rung.toured";

interface Step {
  title: string;
  text: string;
  done?: () => boolean;
}

const steps: Step[] = [
  {
    title: "Ten people, one policy",
    text: "On the left is a policy: which actions are critical, and how well somebody must have authenticated. On the right are ten people who try something. Pick Rita, who sends 2,500.",
    done: () => people.value.length > 0 && chosenName() === "Rita sends 2,500",
  },
  {
    title: "Why is she asked?",
    text: "The ladder shows where her session stands and what is asked of it. In the policy, each condition says what it was worth for her. Change 1000.0 in the first rule to 5000.0, and see what becomes of her.",
    done: () => !(files.value["shop.rung.hcl"] ?? "").includes("> 1000.0"),
  },
  {
    title: "The threat rises",
    text: "Operators have a dial. Turn the posture to elevated: the rules tighten for everybody, and no application was changed.",
    done: () => posture.value !== "normal",
  },
  {
    title: "That is all",
    text: "Dots mark the answers that your change has changed. The policy is a module of some kilobytes by now, under Module; Share makes a link that holds all of it.",
  },
];

let chosenIndex: () => number = () => 0;

/** Tells the tour who is looked at. */
export function follow(index: () => number): void {
  chosenIndex = index;
}

function chosenName(): string {
  return people.value[chosenIndex()]?.name ?? "";
}

/** Begins with the first visit. */
export function welcome(): void {
  try {
    if (localStorage.getItem(key) === null) touring.value = 0;
  } catch {
    // Who keeps nothing is shown around whenever he asks.
  }
  effect(() => {
    const step = steps[touring.value];
    void [files.value, posture.value, people.value, chosenIndex()];
    if (step?.done?.()) touring.value++;
  });
}

function end(): void {
  touring.value = -1;
  try {
    localStorage.setItem(key, "1");
  } catch {
    // see welcome
  }
}

export function Tour() {
  const i = touring.value;
  const step = steps[i];
  if (!step) return null;
  const last = i === steps.length - 1;
  const mine = Object.hasOwn(files.value, "shop.rung.hcl");
  return (
    <aside class="tour" aria-labelledby="tour-title">
      <h2 id="tour-title">{step.title}</h2>
      <p>{mine ? step.text : "The way round goes by the first example."}</p>
      <div class="row">
        {!mine && <button type="button" class="main" onClick={() => take(first())}>Open it</button>}
        {mine && <button type="button" class="main" onClick={() => (last ? end() : touring.value++)}>{last ? "Done" : "Next"}</button>}
        {!last && <button type="button" onClick={end}>Not now</button>}
        <span class="dots" aria-label={`Step ${i + 1} of ${steps.length}`}>{`${i + 1} / ${steps.length}`}</span>
      </div>
    </aside>
  );
}
