// How the further layers are drawn on canvas: heat, outages, facilities, roads, who works where, agreement.
import { colour } from "./style.js";

const HEAT_REACH = 13; // pixels: tiles lend each other symbols that reach 14 over their edge
const sprites = new Map();

/** Paint rules of heat: soft discs of one hue that add up, stronger the more incidents a cell counts. */
export function heatRules() {
  return [
    { dataLayer: "cells", symbolizer: { draw: (context, geometry, _zoom, { props }) => warm(context, middle(geometry), props.count) } },
    { dataLayer: "incidents", symbolizer: { draw: (context, geometry) => warm(context, middle(geometry), 1) } },
  ];
}

function warm(context, [x, y], count) {
  context.globalAlpha = Math.min(0.9, 0.16 + 0.12 * Math.log2(count));
  context.drawImage(glow(colour("heat")), x - HEAT_REACH, y - HEAT_REACH, 2 * HEAT_REACH, 2 * HEAT_REACH);
  context.globalAlpha = 1;
}

function glow(hue) {
  if (!sprites.has(hue)) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 4 * HEAT_REACH;
    const context = canvas.getContext("2d");
    const half = 2 * HEAT_REACH;
    const fading = context.createRadialGradient(half, half, 0, half, half, half);
    fading.addColorStop(0, hue);
    fading.addColorStop(1, `${hue}00`);
    context.fillStyle = fading;
    context.fillRect(0, 0, 2 * half, 2 * half);
    sprites.set(hue, canvas);
  }
  return sprites.get(hue);
}

/** Paint rules of outages: a slashed square where a service is out, half filled where it is partial. */
export function outageRules() {
  return [
    { dataLayer: "cells", symbolizer: { draw: (context, geometry) => drawOutage(context, ...middle(geometry), "out", 6) } },
    { dataLayer: "incidents", symbolizer: { draw: (context, geometry, _zoom, { props }) => drawOutage(context, ...middle(geometry), props.service_state, 7) } },
  ];
}

/** Draw the sign of a service that is `out` or `partial`. */
export function drawOutage(context, x, y, state, reach) {
  const box = () => context.rect(x - reach, y - reach, 2 * reach, 2 * reach);
  context.lineWidth = 2;
  context.beginPath();
  box();
  context.fillStyle = colour("halo");
  context.fill();
  context.fillStyle = context.strokeStyle = colour("ink");
  if (state === "out") context.fill();
  else context.fillRect(x - reach, y, 2 * reach, reach);
  context.stroke();
  context.beginPath();
  context.strokeStyle = state === "out" ? colour("halo") : colour("ink");
  context.moveTo(x - reach * 0.7, y + reach * 0.7);
  context.lineTo(x + reach * 0.7, y - reach * 0.7);
  context.stroke();
}

/** The middle of a point's or a square's geometry. */
export function middle([ring]) {
  if (ring.length < 3) return [ring[0].x, ring[0].y];
  return [(ring[0].x + ring[2].x) / 2, (ring[0].y + ring[2].y) / 2];
}

/** Paint rules of an operator's own layer of `kind`: places as marks, lines and outlines as strokes. */
export function thingRules(kind) {
  return [
    { dataLayer: "lines", symbolizer: { draw: (context, geometry) => drawLine(context, geometry) } },
    { dataLayer: "cells", symbolizer: { draw: (context, geometry, _zoom, { props }) => drawThing(context, ...middle(geometry), kind, Math.min(6, 2.5 + 0.6 * Math.log2(props.count))) } },
    { dataLayer: "places", symbolizer: { draw: (context, geometry) => drawThing(context, ...middle(geometry), kind, 5) } },
  ];
}

function drawLine(context, geometry) {
  for (const [width, style] of [[3, colour("halo")], [1.4, colour("thing")]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.beginPath();
    for (const part of geometry) part.forEach(({ x, y }, n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
  }
}

/** A facility is a cross in a square, anything else a small diamond: shapes that no incident has. */
export function drawThing(context, x, y, kind, reach) {
  context.lineWidth = 1.5;
  context.fillStyle = colour("halo");
  context.strokeStyle = colour("thing");
  context.beginPath();
  if (kind === "facilities") context.rect(x - reach, y - reach, 2 * reach, 2 * reach);
  else {
    context.moveTo(x, y - reach);
    context.lineTo(x + reach, y);
    context.lineTo(x, y + reach);
    context.lineTo(x - reach, y);
    context.closePath();
  }
  context.fill();
  context.stroke();
  if (kind !== "facilities") return;
  context.beginPath();
  context.moveTo(x - reach * 0.6, y);
  context.lineTo(x + reach * 0.6, y);
  context.moveTo(x, y - reach * 0.6);
  context.lineTo(x, y + reach * 0.6);
  context.stroke();
}
