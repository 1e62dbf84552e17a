// The head of the page: what Rung is called, examples, opening and sharing; and the operator's desk below.

import { useRef, useState } from "preact/hooks";
import { type Left, shelf, toFragment } from "../draft.ts";
import { opened, zipped } from "../folder.ts";
import { type Example, examples } from "../gallery.ts";
import { save } from "../save.ts";
import { draft, during, fromLink, notice, outline, params, posture, progress, replace, took } from "../state.ts";
import { theme, turn } from "../theme.ts";
import { touring } from "./tour.tsx";

export function Head() {
  const gallery = useRef<HTMLDialogElement>(null);
  const [left, setLeft] = useState<Left[]>([]);
  return (
    <>
      <header class="head">
        <div class="brand">
          <svg viewBox="0 0 30 34" aria-hidden="true">
            <path class="rail" d="M5 32 L10 2 M25 32 L20 2" />
            <path class="step" d="M7 25 H23.4" />
            <path class="step" d="M8.3 17 H22" />
            <path class="step lit" d="M9.6 9 H20.6" />
          </svg>
          <div>
            <h1>Rung</h1>
            <small>Is this session strong and fresh enough, for this?</small>
          </div>
        </div>
        <button type="button" class="button" onClick={() => {
          setLeft(shelf());
          gallery.current?.showModal();
        }}>Examples</button>
        <Open />
        <button type="button" class="button" onClick={() => save("policy.zip", zipped(draft()), "application/zip")}>Download</button>
        <button type="button" class="button main" onClick={() => void during(share())}>Share</button>
        <span class="spread" />
        <Loading />
        <button type="button" class="quiet" onClick={() => (touring.value = 0)}>Show me around</button>
        <button type="button" class="quiet" onClick={turn} aria-label={`Theme: ${theme.value}. Turn to ${theme.value === "dark" ? "light" : "dark"}.`}>
          {theme.value === "dark" ? "Light" : "Dark"}
        </button>
      </header>
      <Notice />
      <Desk />
      <dialog ref={gallery} aria-labelledby="gallery-title">
        <h2 id="gallery-title">Examples</h2>
        <p class="hint">Each is a policy that you could start from, with people to try it on. A draft that you leave is kept here.</p>
        <ul class="gallery">
          {examples.map((e) => (
            <li key={e.id}>
              <button type="button" onClick={() => {
                gallery.current?.close();
                void during(begin(e));
              }}>
                <b>{e.title}</b>
                <span>{e.about}</span>
              </button>
            </li>
          ))}
        </ul>
        {left.length > 0 && (
          <>
            <h3>Drafts of yours</h3>
            <ul class="drafts">
              {left.map((l) => (
                <li key={l.at}>
                  <button type="button" class="link" onClick={() => {
                    gallery.current?.close();
                    replace(l.draft, l.draft.title || "The draft");
                  }}>{l.draft.title || Object.keys(l.draft.files)[0]}</button> <small>left {new Date(l.at).toLocaleString()}</small>
                </li>
              ))}
            </ul>
          </>
        )}
        <button type="button" class="button" onClick={() => gallery.current?.close()}>Close</button>
      </dialog>
    </>
  );
}

async function begin(e: Example): Promise<void> {
  try {
    const draft = await e.draft();
    replace(draft, e.title);
    history.replaceState(null, "", location.pathname);
  } catch (why) {
    notice.value = { text: why instanceof Error ? why.message : String(why), kind: "error" };
  }
}

function Open() {
  const input = useRef<HTMLInputElement>(null);
  const read = async (files: FileList | null) => {
    if (!files?.length) return;
    try {
      replace(await opened([...files]), "What you chose");
    } catch (why) {
      notice.value = { text: `It was not opened: ${why instanceof Error ? why.message : String(why)}.`, kind: "error" };
    }
  };
  return (
    <>
      <button type="button" class="button" onClick={() => input.current?.click()}>Open</button>
      <input ref={input} class="sr" tabIndex={-1} aria-label="Files of a policy, or a zip file" type="file" multiple accept=".zip,.hcl,.txt,.json"
        onChange={(e) => {
          void during(read(e.currentTarget.files));
          e.currentTarget.value = "";
        }} />
    </>
  );
}

async function share(): Promise<void> {
  const fragment = await toFragment(draft());
  if (fragment === undefined) {
    notice.value = { text: "This is too much for a link. Download it as a zip file: it opens in the same place.", kind: "error" };
    return;
  }
  const url = `${location.origin}${location.pathname}${fragment}`;
  history.replaceState(null, "", fragment);
  try {
    await navigator.clipboard.writeText(url);
    notice.value = { text: "The link is in your clipboard. All of it is in the part behind #, which no server sees.", kind: "info" };
  } catch {
    notice.value = { text: "The link is in the address bar. All of it is in the part behind #, which no server sees.", kind: "info" };
  }
}

function Loading() {
  const p = progress.value;
  if (p.state === "ready") return <span class="loading" data-took={took.value}>{took.value > 0 ? `answered in ${Math.max(1, Math.round(took.value))} ms, here` : ""}</span>;
  if (p.state === "failed") return <span class="loading" role="alert">The compiler is not there: {p.why}</span>;
  return (
    <span class="loading">
      <label for="arriving">compiler arriving</label> <progress id="arriving" max={1} value={p.part} />
    </span>
  );
}

function Notice() {
  const n = notice.value;
  return (
    <div aria-live="polite">
      {fromLink.value && (
        <div class="notice">
          <p>This policy came with a link: somebody else has written it. Your own draft is kept until you edit this one.</p>
          <button type="button" aria-label="Close" onClick={() => (fromLink.value = false)}>×</button>
        </div>
      )}
      {n && (
        <div class={`notice is-${n.kind}`}>
          <p>{n.text}</p>
          {n.undo && <button type="button" class="undo" onClick={() => {
            notice.value = undefined;
            n.undo?.();
          }}>Undo</button>}
          <button type="button" aria-label="Close" onClick={() => (notice.value = undefined)}>×</button>
        </div>
      )}
    </div>
  );
}

function Desk() {
  const policy = outline.value;
  if (!policy) return <div class="desk" />;
  const numbers = policy.params.filter((p) => ["int", "uint", "double", "duration", "string", "bool"].includes(p.type.kind));
  return (
    <section class="desk" aria-label="What the host says">
      <fieldset class="dial">
        <legend>Posture</legend>
        <div class="positions">
          {policy.postures.map((p) => (
            <label key={p.name}>
              <input type="radio" name="posture" value={p.name} checked={posture.value === p.name} onChange={() => (posture.value = p.name)} />
              <span>{p.name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {numbers.length > 0 && (
        <div class="params">
          <span>Params</span>
          {numbers.slice(0, 12).map((p) => <Param key={p.name} name={p.name} kind={p.type.kind} standard={p.default} about={p.description} />)}
        </div>
      )}
    </section>
  );
}

function Param({ name, kind, standard, about }: { name: string; kind: string; standard: string; about: string | undefined }) {
  const given = params.value[name];
  const [bad, setBad] = useState(false);
  const set = (text: string) => {
    const { [name]: _, ...rest } = params.value;
    const number = Number(text);
    const isNumber = kind === "int" || kind === "uint" || kind === "double";
    setBad(text !== "" && isNumber && !Number.isFinite(number));
    params.value = text === "" ? rest : { ...rest, [name]: isNumber ? number : kind === "bool" ? text === "true" : text };
  };
  return (
    <label class={given === undefined ? "" : "moved"} title={about}>
      <span>{name}</span>
      <input value={given === undefined ? "" : String(given)} placeholder={standard.replaceAll('"', "")} aria-invalid={bad} maxLength={60} onInput={(e) => set(e.currentTarget.value.trim())} />
    </label>
  );
}
