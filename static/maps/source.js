// A source of vector tiles for protomaps-leaflet that checks each answer's status, knows 204, and lends
// neighbouring tiles the symbols that reach across their edge.
import { PmtilesSource, TileCache, View, leafletLayer } from "protomaps-leaflet";
import { Refused } from "./answers.js";

const LEVEL_DIFFERENCE = 1; // one data tile covers two by two drawn tiles of 256 pixels
const DRAWN = 256;
const MAX_DATA_ZOOM = 18;
const REACH = 14; // pixels that a symbol may reach over its tile's edge
const TILES_KEPT = 64;

/** Tiles of `template` (with {z}, {x}, {y}) in the shape of a PMTiles archive, which the library reads. */
function archiveOf(template) {
  return {
    async getZxy(z, x, y, signal) {
      const address = template.replace("{z}", z).replace("{x}", x).replace("{y}", y);
      const response = await fetch(address, { signal });
      if (response.status === 204) return undefined;
      if (!response.ok) throw new Refused(response.status);
      return { data: await response.arrayBuffer() };
    },
  };
}

/** Reads tiles and keeps, for each, what its neighbours' symbols add to it. */
class BorderingSource {
  constructor(template, { onBorrowed, onFailure }) {
    this.inner = new PmtilesSource(archiveOf(template), true);
    this.onBorrowed = onBorrowed;
    this.onFailure = onFailure;
    this.loaded = new Map();
  }

  async get(tile, size) {
    const layers = await this.inner.get(tile, size).catch((error) => {
      if (error.name !== "AbortError") this.onFailure(error);
      throw error;
    });
    for (const features of layers.values()) features.sort(worstLast);
    const entry = { own: new Map(layers), shown: layers };
    this.loaded.set(keyOf(tile), entry);
    if (this.loaded.size > TILES_KEPT) this.loaded.delete(this.loaded.keys().next().value);
    this.#exchange(tile, entry, size);
    return layers;
  }

  #exchange(tile, entry, size) {
    for (const [dx, dy] of AROUND) {
      const place = { z: tile.z, x: tile.x + dx, y: tile.y + dy };
      const neighbour = this.loaded.get(keyOf(place));
      if (!neighbour) continue;
      lend(neighbour.own, entry.shown, dx * size, dy * size, size);
      if (lend(entry.own, neighbour.shown, -dx * size, -dy * size, size)) this.onBorrowed(place);
    }
  }
}

const AROUND = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy])).filter(([dx, dy]) => dx || dy);

function keyOf({ z, x, y }) {
  return `${z}/${x}/${y}`;
}

/** Add to `target` the features of `lender`, moved by (dx, dy), that reach into it; return whether any did. */
function lend(lender, target, dx, dy, size) {
  let lent = false;
  for (const [name, features] of lender) {
    const reaching = features.filter(({ bbox }) => reaches(bbox, dx, dy, size));
    if (reaching.length === 0) continue;
    target.set(name, [...(target.get(name) ?? []), ...reaching.map((feature) => moved(feature, dx, dy))]);
    lent = true;
  }
  return lent;
}

function reaches({ minX, minY, maxX, maxY }, dx, dy, size) {
  return (
    maxX + dx > -REACH && minX + dx < size + REACH && maxY + dy > -REACH && minY + dy < size + REACH
  );
}

function moved(feature, dx, dy) {
  const { minX, minY, maxX, maxY } = feature.bbox;
  return {
    ...feature,
    geom: feature.geom.map((part) => part.map((point) => point.clone()._add({ x: dx, y: dy }))),
    bbox: { minX: minX + dx, minY: minY + dy, maxX: maxX + dx, maxY: maxY + dy },
  };
}

function worstLast(a, b) {
  return (a.props.damage_high ?? -1) - (b.props.damage_high ?? -1) || (a.props.count ?? 0) - (b.props.count ?? 0);
}

/** Return a layer of Leaflet that draws `template`'s tiles by `rules`; `onFailure(error)` hears what fails. */
export function tileLayer(template, { map, pane, rules, onFailure, attribution = "" }) {
  const layer = leafletLayer({ url: {}, pane, attribution, paintRules: rules, noWrap: true, maxZoom: map.getMaxZoom() });
  const onBorrowed = (tile) => drawnTiles(tile).forEach((key) => layer.rerenderTile(key));
  const source = new BorderingSource(template, { onBorrowed, onFailure });
  const view = new View(new TileCache(source, DRAWN << LEVEL_DIFFERENCE), MAX_DATA_ZOOM, LEVEL_DIFFERENCE);
  layer.views = new Map([["", view]]);
  return layer;
}

/** Return the keys `x:y:z` of the drawn tiles that show a data tile, as Leaflet writes them. */
function drawnTiles({ z, x, y }) {
  const span = 1 << LEVEL_DIFFERENCE;
  const offsets = Array.from({ length: span * span }, (_, n) => [n % span, Math.floor(n / span)]);
  return offsets.map(([dx, dy]) => `${x * span + dx}:${y * span + dy}:${z + LEVEL_DIFFERENCE}`);
}
