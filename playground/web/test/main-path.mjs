// Runs in the page: picks a person, changes a rule, and says what came of it.

const errors = [];
const violations = [];
addEventListener("error", (e) => errors.push(String(e.message)));
addEventListener("securitypolicyviolation", (e) => violations.push(`${e.effectiveDirective} ${e.blockedURI}`));

const until = async (is, what) => {
  for (const since = performance.now(); performance.now() - since < globalThis.rungLimit; ) {
    if (is()) return;
    await new Promise((k) => setTimeout(k, 100));
  }
  errors.push(`never came: ${what}`);
};
const text = (selector) => document.querySelector(selector)?.textContent ?? "";
const idle = () => globalThis.rungPlayground?.idle();

await until(() => idle() && document.querySelector(".engines.is-same"), "answers");
[...document.querySelectorAll(".who")].find((e) => e.textContent.startsWith("Rita"))?.click();
await until(idle, "rest");
const before = text("#answer-title");
const content = document.querySelector(".policy .editor").shadowRoot.querySelector(".cm-content");
const view = content.cmTile?.view ?? content.cmView?.rootView?.view ?? content.cmView?.view;
const at = view.state.doc.toString().indexOf("1000.0");
view.dispatch({ changes: { from: at, to: at + 6, insert: "5000.0" } });
await until(() => text("#answer-title").includes("Allow"), "another answer");
await until(idle, "rest");
await fetch("./told", { method: "POST", body: JSON.stringify({ errors, violations, before, after: text("#answer-title"), engines: text(".engines"), cells: document.querySelectorAll(".cell").length, agent: navigator.userAgent }) });
