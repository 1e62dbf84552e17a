// Policies as folders: zip files, and files that are chosen or dropped.

import { unzip, zipSync } from "fflate";
import { type Draft, isFileName } from "./draft.ts";
import { person, type Person } from "./people.ts";
import { maxFile } from "./state.ts";

const maxFiles = 200;

/** The draft as a zip file: the policy, its lists and tests, and the people as requests. */
export function zipped(draft: Draft): Uint8Array {
  const out: Record<string, Uint8Array> = {};
  const utf8 = new TextEncoder();
  for (const [name, text] of Object.entries(draft.files)) out[name] = utf8.encode(text);
  draft.people.forEach((p, i) => {
    const slug = p.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "person";
    out[`requests/${String(i + 1).padStart(2, "0")}-${slug}.json`] = utf8.encode(asFile(p));
  });
  return zipSync(out, { mtime: new Date("2026-01-01T00:00:00Z") });
}

function asFile(p: Person): string {
  if (p.posture === undefined && p.params === undefined) return `${p.text}\n`;
  try {
    return `${JSON.stringify({ ...JSON.parse(p.text), ...(p.posture ? { posture: p.posture } : {}), ...(p.params ? { params: p.params } : {}) }, null, 2)}\n`;
  } catch {
    return `${p.text}\n`;
  }
}

/** The draft in files that somebody has chosen: a zip file, or a policy's files. What is no part of a policy is left out. */
export async function opened(chosen: File[]): Promise<Draft> {
  if (chosen.length > maxFiles) throw new Error(`that is more than ${maxFiles} files`);
  const files: Record<string, string> = {};
  for (const f of chosen) {
    if (f.name.endsWith(".zip")) Object.assign(files, await unzipped(f));
    else if (f.size > maxFile) throw new Error(`${f.name} is larger than 1 MiB`);
    else files[f.webkitRelativePath.split("/").slice(1).join("/") || f.name] = await text(await f.arrayBuffer(), f.name);
  }
  return draftOfFiles(files);
}

async function unzipped(f: File): Promise<Record<string, string>> {
  if (f.size > 4 * maxFile) throw new Error(`${f.name} is larger than 4 MiB`);
  const bytes = new Uint8Array(await f.arrayBuffer());
  let total = 0;
  const found = await new Promise<Record<string, Uint8Array>>((resolve, reject) => {
    let count = 0;
    const filter = (e: { name: string; originalSize: number }) => {
      const take = wanted(e.name) && e.originalSize <= maxFile && ++count <= maxFiles;
      if (take) total += e.originalSize;
      return take && total <= 16 * maxFile;
    };
    unzip(bytes, { filter }, (why, out) => (why ? reject(new Error(`${f.name} is no zip file`)) : resolve(out)));
  });
  const out: Record<string, string> = {};
  const names = Object.keys(found);
  const root = names.every((n) => n.includes("/")) && new Set(names.map((n) => n.split("/")[0])).size === 1 ? `${names[0]?.split("/")[0]}/` : "";
  for (const [name, content] of Object.entries(found)) out[name.slice(root.length)] = await text(content.slice().buffer, name);
  return out;
}

function wanted(name: string): boolean {
  return /\.(hcl|txt|csv|json|list)$/.test(name) && isFileName(name);
}

async function text(bytes: ArrayBuffer, name: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${name} is not UTF-8`);
  }
}

/** A draft of a folder's files: requests are people. */
export function draftOfFiles(all: Record<string, string>, title = ""): Draft {
  const files: Record<string, string> = {};
  const people: Person[] = [];
  for (const name of Object.keys(all).sort()) {
    const content = all[name] as string;
    if (!isFileName(name)) continue;
    if (/(^|\/)requests\/[^/]+\.json$/.test(name)) people.push(person(called(name), content.trim()));
    else if (!name.endsWith(".json") && !name.endsWith(".md")) files[name] = content;
  }
  if (!Object.keys(files).some((n) => n.endsWith(".rung.hcl"))) throw new Error("there is no policy in it: its files end in .rung.hcl");
  return { title, files, people };
}

function called(path: string): string {
  const name = (path.split("/").pop() ?? "").replace(/\.json$/, "").replace(/^\d+-/, "").replaceAll("-", " ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}
