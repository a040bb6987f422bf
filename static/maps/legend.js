// The legend: what is on the map now, drawn by the same hand as the map.
import { make } from "./elements.js";
import { colour, stepOf, symbolOf } from "./style.js";
import { paint } from "./symbols.js";
import { figure, number, say } from "./words.js";

/** Paint the symbols of the legend that the page brought along. */
export function paintLegend(root) {
  for (const canvas of root.querySelectorAll("canvas[data-symbol]")) {
    const { by = "damage", ...properties } = JSON.parse(canvas.dataset.symbol);
    paint(canvas, symbolOf(properties, by));
  }
}

/** Say which colour of the areas stands for how many incidents, or for what share. */
export function explainAreas(list, { measure, breaks, values }) {
  const known = [...values.values()].filter((value) => value > 0);
  const unknown = [...values.values()].filter((value) => value === null).length;
  const section = list.closest("section");
  section.hidden = known.length === 0 && unknown === 0;
  const isAlone = section.parentElement.children.length === 1;
  section.closest("details").hidden = isAlone && section.hidden;
  section.querySelector("h3").textContent = say(`measure_${measure}`);
  const rows = known.length ? classes(known, breaks, measure === "count" ? 1 : 0) : [];
  if (unknown) rows.push(make("li", {}, make("span", { class: "swatch hatched" }), say("people_unknown", { count: number(unknown) })));
  list.replaceChildren(...rows);
}

/** One row a class; `gap` is how far the next class begins above what this one holds. */
function classes(known, breaks, gap) {
  const floors = [Math.min(...known), ...breaks];
  const most = Math.max(...known);
  return floors.map((floor, n) => {
    const last = n + 1 < floors.length ? floors[n + 1] - gap : most;
    const words = floor >= last ? figure(floor) : say("from_to", { low: figure(floor), high: figure(last) });
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = colour("area")[stepOf(floor, breaks)];
    return make("li", {}, swatch, words);
  });
}
