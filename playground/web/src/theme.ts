// Light or dark: as the system has it, until somebody chooses.

import { signal } from "@preact/signals";

const key = "rung.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const chosen = stored();
export const theme = signal<"light" | "dark">(chosen === "dark" || chosen === "light" ? chosen : system.matches ? "dark" : "light");

system.addEventListener("change", (e) => {
  if (!stored()) theme.value = e.matches ? "dark" : "light";
});

theme.subscribe((t) => {
  document.documentElement.dataset.theme = t;
});

/** Turns to the other. */
export function turn(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(key, theme.value);
  } catch {
    // It holds for this visit.
  }
}
