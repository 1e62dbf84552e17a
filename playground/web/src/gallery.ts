// The examples: a first one that fits on a screen, and those of the repository, which are fetched when somebody opens them.

import type { Draft } from "./draft.ts";
import { draftOfFiles } from "./folder.ts";
import { type Person, pretty } from "./people.ts";

interface Packed {
  files: Record<string, string>;
  people?: Person[];
}

interface About {
  id: string;
  title: string;
  about: string;
}

declare const RUNG_FIRST: About & Packed;
declare const RUNG_EXAMPLES: About[];

export interface Example extends About {
  draft(): Promise<Draft>;
}

/** The first example, which is part of the page. */
export function first(): Draft {
  return draftOf(RUNG_FIRST.title, RUNG_FIRST);
}

export const examples: Example[] = [
  { ...RUNG_FIRST, draft: () => Promise.resolve(first()) },
  ...RUNG_EXAMPLES.map((e) => ({ ...e, draft: async () => draftOf(e.title, await fetched(e.id)) })),
];

async function fetched(id: string): Promise<Packed> {
  const got = await fetch(`./example-${id}.json`);
  if (!got.ok) throw new Error(`the example could not be fetched: ${got.status}`);
  return (await got.json()) as Packed;
}

function draftOf(title: string, e: Packed): Draft {
  const draft = draftOfFiles(e.files, title);
  return e.people ? { ...draft, people: e.people.map((p) => ({ ...p, text: pretty(JSON.parse(p.text)) })) } : draft;
}
