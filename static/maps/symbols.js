// The map's symbols outside the map: beside list rows, in the legend, in the drawer.
import { make } from "./elements.js";
import { drawSymbol } from "./style.js";

const SIZE = 26;

/** Return a small picture of a symbol; words beside it say the same. */
export function pictureOf(symbol) {
  const canvas = make("canvas", { class: "symbol", "aria-hidden": "true" });
  paint(canvas, symbol);
  return canvas;
}

/** Paint a symbol into a canvas that stands in the page. */
export function paint(canvas, symbol) {
  const density = window.devicePixelRatio || 1;
  canvas.width = canvas.height = SIZE * density;
  const context = canvas.getContext("2d");
  context.scale(density, density);
  drawSymbol(context, symbol, SIZE / 2, SIZE / 2);
}

/** Return an interval of damage as six boxes, filled from low to high; hatched where nothing is known. */
export function intervalBar(low, high, words) {
  const known = low != null && high != null;
  const boxes = [0, 1, 2, 3, 4, 5].map((grade) => {
    const isOn = grade >= low && grade <= high;
    return make("span", { class: `damage-${grade}${isOn ? " on" : ""}` });
  });
  const bar = make("span", { class: "damage-bar" }, ...(known ? boxes : []));
  return make("span", { class: known ? "damage" : "damage damage-unknown", role: "img", "aria-label": words }, bar);
}
