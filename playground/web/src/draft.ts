// What is kept in this browser, and what goes into links: checked whenever it is read, since a link may be anybody's.

import type { Person } from "./people.ts";

export interface Draft {
  title: string;
  files: Record<string, string>;
  active?: string;
  people: Person[];
  chosen?: number;
  posture?: string;
  params?: Record<string, unknown>;
}

/** Bounds of a link: of its text, and of what that may grow to. */
export const maxLink = 32 << 10;
const maxInflated = 256 << 10;
const maxFiles = 200;
const maxPeople = 200;

const fileName = /^[A-Za-z0-9_][A-Za-z0-9_. /-]{0,126}$/;

/** A name that a file may have. */
export function isFileName(name: string): boolean {
  return fileName.test(name) && !name.split("/").some((part) => part === "" || part === "." || part === "..");
}

function isObject(v: unknown): v is Record<string, unknown> {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** A draft, if the value is one; what is out of bounds is refused and not cut. */
export function draftOf(v: unknown): Draft | undefined {
  if (!isObject(v) || !isObject(v.files) || !Array.isArray(v.people) || v.people.length > maxPeople) return undefined;
  const names = Object.keys(v.files);
  if (names.length === 0 || names.length > maxFiles || !names.every(isFileName)) return undefined;
  if (!Object.values(v.files).every((t) => typeof t === "string" && t.length <= 1 << 20)) return undefined;
  const people = v.people.map(personOf);
  if (people.includes(undefined)) return undefined;
  const out: Draft = { title: text(v.title) ?? "", files: { ...v.files } as Record<string, string>, people: people as Person[] };
  if (text(v.active) !== undefined) out.active = v.active as string;
  if (Number.isSafeInteger(v.chosen) && (v.chosen as number) >= 0) out.chosen = v.chosen as number;
  if (text(v.posture) !== undefined) out.posture = v.posture as string;
  if (isObject(v.params)) out.params = v.params;
  return out;
}

function text(v: unknown): string | undefined {
  return typeof v === "string" && v.length <= 200 ? v : undefined;
}

function personOf(v: unknown): Person | undefined {
  if (!isObject(v) || text(v.name) === undefined || typeof v.text !== "string" || v.text.length > 1 << 20) return undefined;
  const out: Person = { name: v.name as string, text: v.text };
  if (text(v.posture) !== undefined) out.posture = v.posture as string;
  if (isObject(v.params)) out.params = v.params;
  return out;
}

// Links: deflate, then base64 for URLs, behind `#p=`.

/** The fragment of a link to a draft; undefined where it would be too long. */
export async function toFragment(draft: Draft): Promise<string | undefined> {
  const packed = new Blob([JSON.stringify(draft)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let binary = "";
  for (const b of bytes) binary += String.fromCharCode(b);
  const fragment = `#p=${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  return fragment.length <= maxLink ? fragment : undefined;
}

/** The draft in a fragment. Undefined if there is none; an error says what is wrong with one. */
export async function fromFragment(fragment: string): Promise<Draft | undefined> {
  if (!fragment.startsWith("#p=")) return undefined;
  if (fragment.length > maxLink) throw new Error("the link is too long");
  const code = fragment.slice(3);
  if (!/^[A-Za-z0-9_-]+$/.test(code)) throw new Error("the link is broken");
  let value: unknown;
  try {
    const bytes = Uint8Array.from(atob(code.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    value = JSON.parse(await inflate(bytes));
  } catch {
    throw new Error("the link is broken");
  }
  const draft = draftOf(value);
  if (!draft) throw new Error("the link holds no policy");
  return draft;
}

// Text is unpacked piece by piece, so that a small link cannot fill the memory.
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let out = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return out + decoder.decode();
    size += value.length;
    if (size > maxInflated) {
      await reader.cancel();
      throw new Error("too large");
    }
    out += decoder.decode(value, { stream: true });
  }
}

// What is kept in this browser.

const key = "rung.draft.1";

/** Keeps a draft; where there is no room for it, or no leave, nothing is kept. */
export function keep(draft: Draft): void {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // A private window, or a full one: the page works without.
  }
}

/** The draft that was kept, if there is one. */
export function kept(): Draft | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : draftOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

// Drafts that something else was opened in the place of: the last few.

const shelfKey = "rung.drafts.1";
const shelfSize = 5;

/** A draft that was left, and when, in milliseconds since 1970. */
export interface Left {
  at: number;
  draft: Draft;
}

/** The drafts that were left, the last one first. */
export function shelf(): Left[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(shelfKey) ?? "[]");
    if (!Array.isArray(list)) return [];
    return list.slice(0, shelfSize).flatMap((v: unknown) => {
      const draft = isObject(v) ? draftOf(v.draft) : undefined;
      return draft && isObject(v) && Number.isFinite(v.at) ? [{ at: v.at as number, draft }] : [];
    });
  } catch {
    return [];
  }
}

/** Puts a draft with those that were left. */
export function shelve(draft: Draft): void {
  const same = JSON.stringify([draft.files, draft.people]);
  const rest = shelf().filter((l) => JSON.stringify([l.draft.files, l.draft.people]) !== same);
  for (let n = shelfSize - 1; n >= 0; n--) {
    try {
      return localStorage.setItem(shelfKey, JSON.stringify([{ at: Date.now(), draft }, ...rest.slice(0, n)]));
    } catch {
      // There is no room for so many: fewer, then.
    }
  }
}
