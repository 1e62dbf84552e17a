// People and postures: an answer for each of them, at a glance.

import { brief, effectWords } from "../say.ts";
import { answers, changed, changes, choose, chosen, outline, people, pin, posture } from "../state.ts";
import { person } from "../people.ts";
import { kind, Mark } from "./mark.tsx";

export function People() {
  const a = answers.value;
  const postures = a?.postures ?? outline.value?.postures.map((p) => p.name) ?? ["normal"];
  return (
    <section class="card people" aria-labelledby="people-title">
      <header>
        <h2 id="people-title">People</h2>
        <p class="hint" aria-live="polite">
          {changes.value.all > 0 ? (
            <>
              <strong>{changes.value.all === 1 ? "1 answer has" : `${changes.value.all} answers have`} changed{lastOf(changes.value)}.</strong> <button type="button" class="link" onClick={pin}>Take as they are</button>
            </>
          ) : (
            "Each of them, in each posture. Pick one."
          )}
        </p>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="People and postures">
        <table class="matrix" onKeyDown={arrows}>
          <thead>
            <tr>
              <th scope="col">who</th>
              {postures.map((name) => (
                <th key={name} scope="col" class={name === posture.value ? "current" : ""}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {people.value.map((p, i) => (
              <tr key={`${i} ${p.name}`} class={i === chosen.value ? "current" : ""}>
                <th scope="row">
                  <button type="button" class="who" onClick={() => choose(i, p.posture ?? "normal")}>
                    {p.name}
                  </button>
                </th>
                {postures.map((name, k) => (
                  <Cell key={name} row={i} name={name} column={k} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <footer>
        <button type="button" class="quiet" onClick={add}>
          Add a person like this one
        </button>
        {people.value.length > 1 && (
          <button type="button" class="quiet" onClick={remove}>
            Remove
          </button>
        )}
      </footer>
    </section>
  );
}

function lastOf({ all, last }: { all: number; last: number }): string {
  if (last === 0 || last === all) return last === 0 ? "" : all === 1 ? ", with the last edit" : ", all with the last edit";
  return `, ${last} of them with the last edit`;
}

// Arrow keys go from answer to answer, as in a spreadsheet.
function arrows(e: KeyboardEvent): void {
  const down = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
  const right = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
  const here = (e.target as HTMLElement).closest("th, td") as HTMLTableCellElement | null;
  if ((down === 0 && right === 0) || !here) return;
  const row = (here.parentElement as HTMLTableRowElement).rowIndex + down;
  const to = here.closest("table")?.rows[row]?.cells[here.cellIndex + right]?.querySelector("button");
  if (!to) return;
  e.preventDefault();
  to.focus();
}

function Cell({ row, column, name }: { row: number; column: number; name: string }) {
  const d = answers.value?.cells[row]?.[column];
  if (!d) return <td class="waiting" />;
  const who = people.value[row]?.name ?? "";
  const change = changed(who, name, d);
  const is = kind(d);
  const selected = row === chosen.value && name === posture.value;
  const label = `${who}, ${name}: ${is === "refused" ? "refused" : effectWords[d.effect]} ${brief(d)}${change ? `; was ${change.was}, changed` : ""}`;
  return (
    <td>
      <button type="button" class={`cell is-${is} ${change ? "new" : ""} ${change?.last ? "last" : ""}`} aria-pressed={selected} aria-label={label} title={label} onClick={() => choose(row, name)}>
        <Mark of={is} />
        <span>{brief(d).replace(/≤.*/, (age) => age.replaceAll(" ", "\u00a0"))}</span>
      </button>
    </td>
  );
}

function add(): void {
  const p = people.value[chosen.value];
  const names = new Set(people.value.map((x) => x.name));
  let n = 2;
  while (names.has(`${p?.name ?? "person"} ${n}`)) n++;
  const fresh = p ? { ...p, name: `${p.name} ${n}` } : person("person", '{"action": ""}');
  people.value = [...people.value, fresh];
  choose(people.value.length - 1);
}

function remove(): void {
  people.value = people.value.filter((_, i) => i !== chosen.value);
  choose(Math.min(chosen.value, people.value.length - 1));
}
