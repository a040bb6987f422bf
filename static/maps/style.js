// All styling of the map in one module: colours come from the style sheet's tokens, shapes from here. The
// engine that draws (protomaps-leaflet on canvas) is touched only at the end.

const GRADES = [0, 1, 2, 3, 4, 5];
const POINT_RADIUS = 7;
const FAR_RADIUS = 4.6;
const FAR_ZOOM = 12; // below it tiles may hold cells, and points are drawn as small as those
const BADGE = 0.5; // of the radius
const SHEET = new Map(); // finished symbols by what they show

let colours = readColours();
let glyphs = new Map();

/** Read the tokens again, after the light changed or a style sheet came late. */
export function refreshStyle() {
  colours = readColours();
  SHEET.clear();
}

/** Take the sectors' symbols from the page: `{sector: SVG path}`, drawn in a box of 24. */
export function useGlyphs(paths) {
  glyphs = new Map(Object.entries(paths).map(([code, path]) => [code, new Path2D(path)]));
  SHEET.clear();
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const token = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    damage: GRADES.map((grade) => token(`--damage-${grade}`, "#888")),
    unknown: token("--hatch-line", "#8b95a1"),
    area: [1, 2, 3, 4, 5].map((step) => token(`--area-${step}`, "#4682b8")),
    ink: token("--damage-outline", "#14202b"),
    halo: token("--map-halo", "#ffffff"),
    edge: token("--map-edge", "#53606c"),
    land: token("--map-land", "#f3f1ec"),
    line: token("--map-line", "#c3bfb4"),
    border: token("--line-strong", "#7b858e"),
    heat: token("--heat", "#b3261e"),
    thing: token("--thing", "#3d348b"),
    accent: token("--accent", "#0d5c75"),
    plain: token("--ink-soft", "#53606c"),
    sector: (code) => token(`--sector-${code}`, "#53606c"),
    status: (code) => token(`--state-${code}`, "#53606c"),
  };
}

/** A token's colour as it is now. */
export function colour(name) {
  return colours[name];
}

// ---- what a symbol shows ------------------------------------------------------------------------------

/** The one grade that an interval is drawn as: its middle, upwards; null where nothing is known. */
export function gradeOf({ damage_low: low, damage_high: high }) {
  if (low == null || high == null) return null;
  return Math.floor((low + high + 1) / 2);
}

/** What to draw for an incident's properties, shown by `damage`, `sector` or `status`. */
export function symbolOf(properties, by) {
  const { damage_low: low, damage_high: high } = properties;
  const grade = gradeOf(properties);
  return {
    by,
    grade,
    uncertain: grade != null && high - low >= 3,
    sector: by === "sector" ? properties.sector : "",
    status: properties.status ?? "new",
    out: properties.service_state === "out" || properties.service_state === "partial" ? properties.service_state : "",
    radius: POINT_RADIUS,
  };
}

/** What to draw for a cell that counts incidents: larger where there are more, never as much as larger. */
export function cellSymbolOf(properties, by) {
  const radius = Math.min(8, 3.6 + 0.7 * Math.log2(properties.count));
  const grade = gradeOf(properties);
  return { by: by === "damage" ? "damage" : "count", grade, uncertain: false, sector: "", status: "", out: "", radius };
}

// ---- drawing one symbol -------------------------------------------------------------------------------

/** Draw a symbol with its centre at (x, y). */
export function drawSymbol(context, symbol, x, y) {
  const { image, half } = finished(symbol);
  context.drawImage(image, x - half, y - half, 2 * half, 2 * half);
}

function finished(symbol) {
  const key = Object.values(symbol).join("|");
  const held = SHEET.get(key);
  if (held) return held;
  const half = Math.ceil(symbol.radius + 4);
  const density = Math.max(2, window.devicePixelRatio || 1);
  const image = document.createElement("canvas");
  image.width = image.height = Math.ceil(2 * half * density);
  const context = image.getContext("2d");
  context.setTransform(density, 0, 0, density, half * density, half * density);
  paintSymbol(context, symbol);
  SHEET.set(key, { image, half });
  return SHEET.get(key);
}

function paintSymbol(context, symbol) {
  const gone = symbol.status === "false" || symbol.status === "retracted";
  if (gone) paintCross(context, symbol.radius * 0.6);
  else {
    const outline = shapeOf(symbol);
    paintRing(context, outline, symbol);
    paintFill(context, outline, symbol);
    if (symbol.by === "sector") paintGlyph(context, symbol);
  }
  if (symbol.out) paintBadge(context, symbol);
}

/** More corners, more damage: ring 0, disc 1, triangle 2, diamond 3, pentagon 4, star 5. */
function shapeOf({ by, grade, radius }) {
  if (by !== "damage" || grade == null || grade <= 1) return disc(by === "damage" ? radius * 0.88 : radius);
  if (grade === 2) return polygon(3, radius * 1.12, radius * 0.12);
  if (grade === 3) return polygon(4, radius * 1.1);
  if (grade === 4) return polygon(5, radius * 1.08);
  return star(7, radius * 1.25, radius * 0.72);
}

function disc(radius) {
  const path = new Path2D();
  path.arc(0, 0, radius, 0, 2 * Math.PI);
  return path;
}

function polygon(corners, radius, down = 0) {
  return closed(Array.from({ length: corners }, (_, n) => [n / corners, radius]), down);
}

function star(points, outer, inner) {
  return closed(Array.from({ length: 2 * points }, (_, n) => [n / (2 * points), n % 2 ? inner : outer]));
}

function closed(corners, down = 0) {
  const path = new Path2D();
  for (const [turn, radius] of corners) {
    const angle = 2 * Math.PI * turn - Math.PI / 2;
    path.lineTo(radius * Math.cos(angle), radius * Math.sin(angle) + down);
  }
  path.closePath();
  return path;
}

/** The outline tells the state: dark when verified, broken when disputed, double under an override. */
function paintRing(context, outline, { status, radius }) {
  context.lineJoin = "round";
  const stroke = (width, style, dash = []) => {
    context.lineWidth = (width * Math.min(radius, POINT_RADIUS)) / POINT_RADIUS;
    context.strokeStyle = style;
    context.setLineDash(dash);
    if (width > 0) context.stroke(outline);
    context.setLineDash([]);
  };
  if (status === "override") stroke(7.5, colours.accent);
  if (status === "verified" || status === "override") {
    stroke(5.5, colours.halo);
    stroke(3.6, colours.ink);
  } else {
    stroke(status ? 4.2 : 3, colours.halo);
    stroke(status === "disputed" ? 0 : 1.7, colours.edge);
    if (status === "disputed") stroke(3.6, colours.ink, [2.5, 2.5]);
  }
}

function paintFill(context, outline, symbol) {
  context.fillStyle = fillOf(symbol);
  context.fill(outline);
  const isUnknown = symbol.by === "damage" && symbol.grade == null;
  if (isUnknown || symbol.uncertain) paintHatch(context, outline, symbol.radius);
  if (symbol.by === "damage" && symbol.grade === 0) {
    context.fillStyle = colours.halo;
    context.fill(disc(symbol.radius * 0.4));
  }
}

function fillOf({ by, grade, sector, status }) {
  if (by === "sector") return colours.sector(sector);
  if (by === "status") return colours.status(status);
  if (by === "count") return colours.plain;
  return grade == null ? colours.unknown : colours.damage[grade];
}

function paintHatch(context, outline, radius) {
  context.save();
  context.clip(outline);
  context.strokeStyle = colours.halo;
  context.lineWidth = 1.3;
  context.beginPath();
  for (let at = -2 * radius; at <= 2 * radius; at += 3.6) {
    context.moveTo(at - radius, radius);
    context.lineTo(at + radius, -radius);
  }
  context.stroke();
  context.restore();
}

function paintGlyph(context, { sector, radius }) {
  const glyph = glyphs.get(sector) ?? glyphs.get("unknown");
  if (!glyph) return;
  context.save();
  const scale = (1.45 * radius) / 24;
  context.scale(scale, scale);
  context.translate(-12, -12);
  context.strokeStyle = "#fff";
  context.lineWidth = 2.4;
  context.lineCap = context.lineJoin = "round";
  context.stroke(glyph);
  context.restore();
}

/** The second axis: a black dot where the service is out, half of one where it is partial. */
function paintBadge(context, { out, radius }) {
  const at = radius * 0.78;
  const size = Math.max(2.4, radius * BADGE);
  context.fillStyle = colours.halo;
  context.beginPath();
  context.arc(at, at, size + 1, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = colours.ink;
  context.beginPath();
  context.arc(at, at, size, out === "out" ? 0 : Math.PI / 2, out === "out" ? 2 * Math.PI : (3 * Math.PI) / 2);
  context.fill();
}

function paintCross(context, reach) {
  for (const [width, style] of [[4, colours.halo], [1.8, colours.plain]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.beginPath();
    context.moveTo(-reach, -reach);
    context.lineTo(reach, reach);
    context.moveTo(-reach, reach);
    context.lineTo(reach, -reach);
    context.stroke();
  }
}

// ---- areas --------------------------------------------------------------------------------------------

/** Return up to four thresholds that split the counts above 0 into classes of about as many areas each. */
export function breaksOf(counts) {
  const sorted = counts.filter((count) => count > 0).sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const found = sorted.length ? [0.2, 0.4, 0.6, 0.8].map(at) : [];
  return [...new Set(found)].filter((threshold) => threshold > sorted[0]);
}

/** Which of the five steps a count is drawn in; with fewer classes the steps are spread. */
export function stepOf(count, breaks) {
  const step = breaks.filter((threshold) => count >= threshold).length;
  return breaks.length ? Math.round((step * 4) / breaks.length) : 2;
}

/** How an area is drawn: coloured by its count, hatched where there is no figure, plain where there is none. */
export function areaStyle(count, breaks, { hatched = false } = {}) {
  const edge = { color: colours.border, weight: 1, opacity: 1, lineJoin: "round" };
  if (count > 0) return { ...edge, fill: true, fillColor: colours.area[stepOf(count, breaks)], fillOpacity: 0.82 };
  if (hatched) return { ...edge, fill: true, fillColor: hatchPattern(), fillOpacity: 0.9 };
  return { ...edge, fill: true, fillColor: colours.land, fillOpacity: 0.35 };
}

let pattern;
/** A canvas pattern of thin diagonals; Leaflet's canvas takes one where it takes a colour. */
function hatchPattern() {
  if (pattern?.of === colours) return pattern.made;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  context.strokeStyle = colours.unknown;
  context.lineWidth = 1;
  context.beginPath();
  for (const shift of [-8, 0, 8]) {
    context.moveTo(shift, 8);
    context.lineTo(shift + 8, 0);
  }
  context.stroke();
  pattern = { of: colours, made: context.createPattern(tile, "repeat") };
  return pattern.made;
}

/** Styles of the built-in base map. */
export function landStyle({ properties }) {
  if (properties.kind === "border") return { color: colours.border, weight: 1, fill: false, opacity: 0.6, dashArray: "5 3" };
  return { color: colours.line, weight: 0.8, fill: true, fillColor: colours.land, fillOpacity: 1 };
}

/** The outline of areas; over our own base map they also are the land, drawn finer than its coast. */
export function outlineStyle({ asLand }) {
  const edge = { color: colours.border, weight: 1, opacity: 0.9 };
  return asLand ? { ...edge, fill: true, fillColor: colours.land, fillOpacity: 1 } : { ...edge, fill: false };
}

// ---- rules for protomaps-leaflet ----------------------------------------------------------------------

/** Paint rules of the incident tiles; `by()` says what symbols show now. */
export function incidentRules(by) {
  const at = (symbol) => (context, geometry, zoom, feature) => {
    const made = symbol(feature.props, by());
    if (made.radius === POINT_RADIUS && zoom < FAR_ZOOM) made.radius = FAR_RADIUS;
    drawSymbol(context, made, ...centreOf(geometry));
  };
  return [
    { dataLayer: "cells", symbolizer: { draw: at(cellSymbolOf) } },
    { dataLayer: "incidents", symbolizer: { draw: at(symbolOf) } },
  ];
}

function centreOf([ring]) {
  if (ring.length === 1) return [ring[0].x, ring[0].y];
  return [(ring[0].x + ring[2].x) / 2, (ring[0].y + ring[2].y) / 2];
}
