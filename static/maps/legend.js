// The legend: what is on the map now, drawn by the same hand as the map.
import { make } from "./elements.js";
import { colour, stepOf, symbolOf } from "./style.js";
import { paint } from "./symbols.js";
import { number, say } from "./words.js";

/** Paint the symbols of the legend that the page brought along. */
export function paintLegend(root) {
  for (const canvas of root.querySelectorAll("canvas[data-symbol]")) {
    const { by = "damage", ...properties } = JSON.parse(canvas.dataset.symbol);
    paint(canvas, symbolOf(properties, by));
  }
}

/** Say which colour of the areas stands for how many incidents. */
export function explainAreas(list, breaks, counts) {
  const shown = counts.filter((count) => count > 0);
  const section = list.closest("section");
  section.hidden = shown.length === 0;
  const isAlone = section.parentElement.children.length === 1;
  section.closest("details").hidden = isAlone && section.hidden;
  if (shown.length === 0) return;
  const floors = [Math.min(...shown), ...breaks];
  const most = Math.max(...shown);
  const rows = floors.map((floor, n) => {
    const last = n + 1 < floors.length ? floors[n + 1] - 1 : most;
    const words = floor >= last ? number(floor) : say("from_to", { low: number(floor), high: number(last) });
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = colour("area")[stepOf(floor, breaks)];
    return make("li", {}, swatch, words);
  });
  list.replaceChildren(...rows);
}
