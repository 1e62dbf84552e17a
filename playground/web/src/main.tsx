// The page: what is edited is taken from a link, a draft, the server's policy, or the first example, in this order; then the workers start.

import { batch, effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app.tsx";
import { type Draft, draftOf, fromFragment, keep, kept } from "./draft.ts";
import { renaming } from "./editor.ts";
import { draftOfFiles } from "./folder.ts";
import { first as firstExample } from "./gallery.ts";
import { follow, touring, welcome } from "./parts/tour.tsx";
import { ask, begin, chosen, draft, during, edited, idle, leave, files, fromLink, notice, panel, params, people, posture, stall, take, took } from "./state.ts";

declare const trustedTypes: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string } } | undefined;

// Workers are script URLs, which Trusted Types let through by this policy alone.
const scripts = ["./compiler.worker.js", "./decider.worker.js"];
const trusted = (url: string): string => {
  if (!scripts.includes(url)) throw new TypeError(url);
  return new URL(url, import.meta.url).href;
};
const script = typeof trustedTypes === "undefined" ? { createScriptURL: trusted } : trustedTypes.createPolicy("rung", { createScriptURL: trusted });
const worker = (url: string) => new Worker(script.createScriptURL(url), { type: "module" });

// Takes what the address holds behind `#`, if it holds something: what was there before stays otherwise, and can be had back if it does not.
async function linked(): Promise<boolean> {
  try {
    const draft = await fromFragment(location.hash);
    if (!draft) return false;
    leave();
    fromLink.value = true;
    take(draft);
    return true;
  } catch (why) {
    notice.value = { text: `The link could not be opened: ${why instanceof Error ? why.message : String(why)}.`, kind: "error" };
    return false;
  }
}

// `rung playground DIR` serves the policy beside the page.
async function served(): Promise<Draft | undefined> {
  if (!document.querySelector('meta[name="rung-policy"]')) return undefined;
  try {
    const got = await fetch("./policy.json");
    const value: unknown = got.ok ? await got.json() : undefined;
    const draft = draftOf(value);
    return draft && draftOfFiles({ ...draft.files }, draft.title);
  } catch {
    return undefined;
  }
}

// A draft is kept once something was edited, so that a link or an example that was only looked at replaces nothing.
function keepDrafts(): void {
  let before = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    if (!edited()) return;
    const now = JSON.stringify([files.value, people.value, params.value]);
    if (now === before) return;
    before = now;
    keep(draft());
  };
  effect(() => {
    void [files.value, people.value, params.value, posture.value, chosen.value];
    clearTimeout(timer);
    timer = setTimeout(write, 300);
  });
  addEventListener("pagehide", write);
}

async function first(): Promise<void> {
  if (await linked()) return;
  const policy = await served();
  if (policy) return take(policy);
  const own = kept();
  take(own ?? firstExample(), own !== undefined);
}

await first();
const app = document.getElementById("app") as HTMLElement;
app.replaceChildren(); // what stood there until now is the page's head
render(<App />, app);

// All as on a first visit, but for the compiler, which is there: tests begin with it, one after another.
function reset(): void {
  render(null, app);
  localStorage.clear();
  history.replaceState(null, "", location.pathname);
  batch(() => {
    fromLink.value = false;
    notice.value = renaming.value = undefined;
    panel.value = "problems";
    touring.value = -1;
    take(firstExample());
  });
  render(<App />, app);
}

// For who looks at the page from its console, and for its tests: the compiler, called by name.
Object.defineProperty(globalThis, "rungPlayground", { value: Object.freeze({ ask, fromFragment, idle, reset, stall, took: () => took.value }) });
begin({ compiler: () => worker("./compiler.worker.js"), decider: () => worker("./decider.worker.js") });
keepDrafts();
follow(() => chosen.value);
welcome();
addEventListener("hashchange", () => void during(linked()));
