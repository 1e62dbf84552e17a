// Input that is made to harm: links, pastes, scripts in every field, policies made to be slow. Nothing runs, nothing ends, nothing is lost.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { cell, counts, editor, launch, open, ready, replace, says, serve, settled, shared, without } from "./site.mjs";

// Numbers that come the same each time.
function random(seed) {
  let x = seed >>> 0;
  return (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * n);
  };
}

const link = (value) => `#p=${deflateRawSync(Buffer.from(typeof value === "string" ? value : JSON.stringify(value))).toString("base64url")}`;
const draft = (more = {}) => ({ title: "t", files: { "a.rung.hcl": 'policy "p" { language = 1 }\naction "a" { level = "aal1" }\n' }, people: [{ name: "Ann", text: '{"action": "a"}' }], ...more });

const tags = ["script", "img src=x onerror=PAY", "svg onload=PAY", "iframe srcdoc='<script>PAY</script>'", "a href=javascript:PAY", "math><mtext></form><form><mglyph><style></math><img src onerror=PAY>", "body onload=PAY", "details open ontoggle=PAY", "input autofocus onfocus=PAY", "object data=data:text/html,<script>PAY</script>"];
const wraps = ["<TAG>", "\"><TAG>", "'><TAG>", "</textarea><TAG>", "</script><TAG>", "${PAY}", "{{PAY}}", "javascript:PAY", "`<TAG>`", "-->\n<TAG>", "\\u003cTAG\\u003e", "&lt;TAG&gt;", "<TAG//", "\u2028<TAG>", "]]><TAG>", "<!--<TAG>-->", "<TAG\0>", "data:text/html,<TAG>", "%3CTAG%3E", "⁦<TAG>⁩"];
const payloads = wraps.flatMap((w) => tags.map((t) => w.replace("TAG", t).replaceAll("PAY", "globalThis.harmed=1")));

describe("bad input", { skip: without, concurrency: 1 }, () => {
  let browser;
  let site;
  let fresh;
  before(async () => {
    browser = await launch();
    site = await serve();
    fresh = shared(browser, site.url);
  });
  after(async () => {
    await browser?.close();
    site?.close();
  });

  /** Sets what stands behind `#`, and waits until the page has heard of it. */
  const hash = (tab, fragment) =>
    tab.evaluate(async (fragment) => {
      const before = location.href;
      const heard = new Promise((k) => addEventListener("hashchange", k, { once: true }));
      location.hash = fragment;
      if (location.href !== before) await heard;
    }, fragment);

  const unharmed = async (tab) => {
    assert.equal(await tab.evaluate(() => globalThis.harmed), undefined);
    assert.deepEqual(await tab.evaluate(() => globalThis.violations), []);
  };

  test("10,000 links that were tampered with", async () => {
    const { tab, complaints } = await fresh();
    const r = random(1);
    const good = link(draft());
    const fragments = [];
    for (let i = 0; i < 10_000; i++) {
      const bytes = [...(i % 5 === 4 ? link(mutated(r)) : good)];
      for (let k = r(4); k >= 0 && i % 5 !== 4; k--) {
        const at = 3 + r(bytes.length - 3);
        if (r(3) === 0) bytes.splice(at, 1 + r(8));
        else bytes[at] = "ABCabc019-_=%<>\u00e9 "[r(18)];
      }
      fragments.push(bytes.join(""));
    }
    const counts = await tab.evaluate(async (all) => {
      const out = { opened: 0, refused: 0, other: [] };
      for (const f of all) {
        try {
          const d = await globalThis.rungPlayground.fromFragment(f);
          if (d === undefined || typeof d.files === "object") out.opened++;
          else out.other.push(f);
        } catch (e) {
          if (/^the link (is|holds)/.test(e.message)) out.refused++;
          else out.other.push(`${e.message}: ${f}`);
        }
      }
      return out;
    }, fragments);
    assert.deepEqual(counts.other, []);
    assert.equal(counts.opened + counts.refused, 10_000);
    assert.ok(counts.refused > 5000 && counts.opened > 100, JSON.stringify(counts));
    // Some of them as a visitor opens them.
    for (const f of fragments.filter((_, i) => i % 400 === 0)) {
      await hash(tab, f);
      await settled(tab);
    }
    await unharmed(tab);
    assert.deepEqual(complaints, []);
  });

  function mutated(r) {
    const odd = [null, 1, "x", [], {}, true, "__proto__", "../../etc/passwd", "a".repeat(300), -1, 1e99];
    const d = draft();
    const keys = ["title", "files", "people", "chosen", "posture", "params", "active", "__proto__"];
    Object.defineProperty(d, keys[r(keys.length)], { value: odd[r(odd.length)], enumerable: true, configurable: true, writable: true });
    if (r(2)) d.files = { [String(odd[r(odd.length)])]: odd[r(odd.length)] };
    if (r(2)) d.people = [{ name: odd[r(odd.length)], text: odd[r(odd.length)] }];
    return d;
  }

  test("a small link that would unpack to a large text", async () => {
    const { tab, context } = await open(browser, `${site.url}${link(`{"a":"${"0".repeat(20_000_000)}"}`)}`, { wait: false });
    await says(tab.locator(".notice.is-error"), /could not be opened/);
    await ready(tab);
    await says(tab.locator(".notice.is-error"), /could not be opened/); // it is there until somebody has read it
    await context.close();
  });

  test("200 scripts in every field", async () => {
    assert.equal(payloads.length, 200);
    const { tab, complaints } = await fresh();
    for (let i = 0; i < payloads.length; i += 20) {
      const some = payloads.slice(i, i + 20);
      const text = some.map((p) => JSON.stringify(p).replaceAll("$", "$$$$").replaceAll("%{", "%%{")).join(", ");
      const d = draft({
        title: some[0],
        files: {
          "a.rung.hcl": `policy "p" {\n language = 1\n description = "x"\n}\nlist "l" { values = [${text.replaceAll("\\u0000", "")}] }\naction "a" {\n level = "aal1"\n step_up "r" {\n  when = "subject.id in list.l"\n  level = "aal2"\n  reason = ${JSON.stringify(some[1]).replaceAll("$", "$$$$").replaceAll("\\u0000", "")}\n }\n}\n${some.map((p) => `# ${p.replace(/[\s\0]/g, " ")}`).join("\n")}\n`,
        },
        people: some.map((p) => ({ name: p.slice(0, 190), text: JSON.stringify({ action: "a", signals: { subject: { id: p } } }) })),
      });
      // Some as a visitor comes with the link, some as one who has the page open.
      if (i % 100 === 0) {
        await tab.goto(`${site.url}${link(d)}`);
        await tab.reload();
      } else await hash(tab, link(d));
      await tab.waitForFunction((n) => document.querySelectorAll(".matrix .who")[0]?.textContent === n, d.people[0].name);
      await settled(tab);
      assert.deepEqual(await tab.locator(".problem.is-error").allTextContents(), []);
      for (const who of [0, 10, 19]) {
        await tab.locator(".matrix tbody tr").nth(who).locator(".cell").first().click();
        await settled(tab);
      }
      await tab.getByRole("tab", { name: /^Module/ }).click();
      await tab.locator(".request .name input").fill(some[2].slice(0, 80));
      await settled(tab);
      await unharmed(tab);
    }
    assert.deepEqual(complaints.filter((c) => !c.includes("favicon")), []);
  });

  test("scripts where a policy breaks: the words of diagnostics", async () => {
    const { tab } = await fresh();
    await hash(tab, `${link(draft({ files: { "a.rung.hcl": `policy "p" { language = 1 }\naction "a" {\n level = "<img src=x onerror=globalThis.harmed=1>"\n}\n<svg onload=globalThis.harmed=1>\n` } }))}`);
    await tab.waitForSelector(".problem.is-error");
    await settled(tab);
    await unharmed(tab);
  });

  test("ten megabytes, pasted", async () => {
    const { tab } = await fresh();
    await editor(tab).click();
    await tab.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text/plain", "# 0123456789\n".repeat(800_000));
      document.querySelector(".policy .editor").shadowRoot.querySelector(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await says(tab.locator(".notice.is-error"), /more than a file may hold/);
    await settled(tab);
    await says(editor(tab), /policy "shop"/);
  });

  test("a policy that is slow to check is stopped, and the page goes on", async () => {
    const { tab } = await fresh();
    // The worker is held up as a slow policy would, by a call that does not end within the limit.
    await tab.evaluate(() => globalThis.rungPlayground.stall());
    await says(tab.locator(".notice.is-error"), /too slow.* longer than 2 seconds.*\(stall\)/);
    await settled(tab);
    // It is not tried again before it has changed, whatever else does.
    await cell(tab, "Rita sends 2,500", "normal").click();
    await settled(tab);
    await says(tab.locator(".stale-note"), /mistakes/);
    await replace(tab, "1000.0", "5000.0");
    await ready(tab);
    await says(editor(tab), /5000\.0/);
    await says(tab.locator("#answer-title"), /Allow/);
    // What was edited before it was stopped is another policy.
    await tab.evaluate(() => {
      globalThis.rungPlayground.stall();
      const view = globalThis.editorView();
      const at = view.state.doc.toString().indexOf("5000.0");
      view.dispatch({ changes: { from: at, to: at + 6, insert: "2000.0" } });
    });
    await ready(tab);
    await says(tab.locator("#answer-title"), /Step up/);
    await counts(tab.locator(".notice.is-error"), 0);
  });
});
