// The marks of the effects. Each has a shape of its own, so that none is told by its colour alone.

import type { Decision } from "../types.ts";

const shapes: Record<string, string> = {
  allow: "M3.5 8.5 L6.8 11.8 L12.8 4.6",
  step_up: "M2.5 13 H6 V9.5 H9.5 V6 H13 M13 6 V2.8 M10.6 4.6 L13 2.2 L15 4.6",
  deny: "M4 4 L12 12 M12 4 L4 12",
  need: "M8 3 V8.6 M8 12.2 V12.6",
  refused: "M8 3 L14 13 H2 Z",
};

export function kind(d: Decision): string {
  return d.error ? "refused" : d.effect;
}

export function Mark({ of }: { of: string }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[of] ?? shapes.deny} />
    </svg>
  );
}
