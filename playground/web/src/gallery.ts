// The examples: a first one that fits on a screen, and those of the repository, which the build puts in.

import type { Draft } from "./draft.ts";
import { draftOfFiles } from "./folder.ts";
import { type Person, pretty } from "./people.ts";

interface Packed {
  id: string;
  title: string;
  about: string;
  files: Record<string, string>;
  people?: Person[];
}

declare const RUNG_EXAMPLES: Packed[];

export interface Example {
  id: string;
  title: string;
  about: string;
  draft(): Draft;
}

export const examples: Example[] = RUNG_EXAMPLES.map((e) => ({ id: e.id, title: e.title, about: e.about, draft: () => draftOf(e) }));

function draftOf(e: Packed): Draft {
  const draft = draftOfFiles(e.files, e.title);
  return e.people ? { ...draft, people: e.people.map((p) => ({ ...p, text: pretty(JSON.parse(p.text)) })) } : draft;
}
