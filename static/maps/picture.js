// The map of now as a PNG: what its canvases and lines show, with title, date and source below.
import { say } from "./words.js";

const FOOT = 56; // pixels

/** Return a PNG of `page`'s map. Pictures of other sites never get in: base maps come through our own server. */
export async function pictureOfMap(page) {
  const container = page.map.getContainer();
  const frame = container.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [frame.width, frame.height + FOOT];
  const pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(container).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  for (const layer of layersOf(container)) await paint(pen, layer, frame);
  foot(pen, page, frame);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Canvases, tiles and drawings of the panes, the lowest first. */
function layersOf(container) {
  const panes = [...container.querySelectorAll(".leaflet-pane > canvas, .leaflet-pane > svg, .leaflet-tile")];
  const height = (element) => Number(getComputedStyle(element.closest(".leaflet-pane:not(.leaflet-tile-pane)")).zIndex) || 0;
  return panes.sort((a, b) => height(a) - height(b));
}

async function paint(pen, element, frame) {
  const box = element.getBoundingClientRect();
  const place = [box.left - frame.left, box.top - frame.top, box.width, box.height];
  if (box.width === 0 || box.height === 0) return;
  pen.drawImage(element instanceof SVGElement ? await imageOf(element) : element, ...place);
}

async function imageOf(drawing) {
  const image = new Image();
  const copy = drawing.cloneNode(true);
  copy.removeAttribute("style");
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}

function foot(pen, page, { width, height }) {
  const style = getComputedStyle(document.body);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, height, width, FOOT);
  pen.fillStyle = style.color;
  pen.direction = style.direction;
  const x = style.direction === "rtl" ? width - 12 : 12;
  const title = document.getElementById("map-title").textContent;
  pen.font = `600 16px ${style.fontFamily}`;
  pen.fillText(title, x, height + 22, width - 24);
  pen.font = `12px ${style.fontFamily}`;
  const age = document.querySelector(".panel-age")?.textContent.trim().replace(/\s+/g, " ") ?? "";
  const credit = page.map.attributionControl?.getContainer().textContent ?? "";
  pen.fillText([age, credit, say("borders")].filter(Boolean).join(" · "), x, height + 42, width - 24);
}
