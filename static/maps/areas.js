// Areas: their outlines and names, and the same areas coloured by how many incidents they hold.
import { getJson, isAbort } from "./answers.js";
import { make } from "./elements.js";
import { valueOf } from "./measures.js";
import { areaStyle, breaksOf, colour, outlineStyle } from "./style.js";

const NAMES_AT_MOST = 60;

/** The area layers of one map. `onPick(code, name)` is called when somebody chooses an area on the map. */
export class Areas {
  constructor(map, groups, settings, onPick) {
    Object.assign(this, { map, groups, settings, onPick });
    this.loaded = new Map(); // level -> promise of its features
    this.counts = new Map();
    this.values = new Map();
    this.measure = "count";
    this.breaks = [];
    this.renderers = new Map();
    for (const [name, order] of [["outlines", 120], ["coloured", 140], ["names", 415]]) {
      map.createPane(name).style.zIndex = order;
      if (name !== "names") this.renderers.set(name, window.L.canvas({ pane: name, padding: 0.3 }));
    }
    map.getPane("names").style.pointerEvents = "none";
    map.on("zoomend", () => this.show());
    map.on("moveend overlayadd overlayremove", () => this.#nameThem());
  }

  /** The level whose areas fit the zoom: coarse from afar, fine near by. */
  get level() {
    const levels = this.settings.levels;
    const wanted = this.map.getZoom() < 8 ? 0 : this.map.getZoom() < 10 ? 1 : 2;
    return levels[Math.min(wanted, levels.length - 1)];
  }

  /** Draw the areas of the level that fits; quietly keeps the old ones until the new ones are there. */
  async show() {
    const level = this.level;
    if (level == null || level === this.shown) return;
    this.shown = level;
    const features = await this.#features(level).catch((error) => {
      if (isAbort(error)) return null;
      this.shown = undefined;
      throw error;
    });
    if (!features || this.shown !== level) return;
    this.features = features;
    this.#draw();
    this.measureBy(this.measure);
    this.#nameThem();
  }

  #features(level) {
    if (!this.loaded.has(level)) {
      const asked = getJson(this.settings.areas.replace("{level}", level));
      this.loaded.set(level, asked);
      asked.catch(() => this.loaded.delete(level));
    }
    return this.loaded.get(level);
  }

  #draw() {
    const options = (pane) => ({ pane, renderer: this.renderers.get(pane) });
    this.outlines?.remove();
    this.outlines = window.L.geoJSON(this.features, {
      ...options("outlines"),
      interactive: false,
      style: () => this.#outlineStyle(),
    });
    this.coloured?.remove();
    this.coloured = window.L.geoJSON(this.features, {
      ...options("coloured"),
      style: (feature) => this.#styleOf(feature),
      onEachFeature: (feature, layer) => layer.on("click", (event) => this.#picked(feature, event)),
    });
    this.groups.outlines.clearLayers().addLayer(this.outlines);
    this.groups.coloured.clearLayers().addLayer(this.coloured);
  }

  #outlineStyle() {
    return outlineStyle({ asLand: !this.settings.basemap && !this.settings.chosenGround });
  }

  #styleOf({ id }) {
    const isSecret = this.settings.audience === "public" && !this.counts.has(id);
    const hatched = isSecret || this.values.get(id) === null; // null: counted, but nobody knows how many live there
    const style = areaStyle(this.values.get(id) ?? 0, this.breaks, { hatched });
    return id === this.chosen ? { ...style, color: colour("ink"), weight: 2.5 } : style;
  }

  #picked(feature, event) {
    window.L.DomEvent.stop(event);
    this.onPick(feature.id, feature.properties.name);
  }

  /** Colour the areas by new counts, `[{code, count}]`. */
  colourBy(counts) {
    this.counts = new Map(counts.map(({ code, count }) => [code, count]));
    this.measureBy(this.measure);
  }

  /** Colour by `count`, or by incidents `per_people` or `per_km2`; tells `onColours` what is drawn. */
  measureBy(measure) {
    this.measure = measure;
    const features = this.features?.features ?? [];
    const counted = features.filter(({ id }) => this.counts.has(id));
    this.values = new Map(counted.map((feature) => [feature.id, valueOf(this.counts.get(feature.id), feature, measure)]));
    this.breaks = breaksOf([...this.values.values()].filter((value) => value != null));
    this.restyle();
    this.onColours?.({ measure, breaks: this.breaks, values: this.values, counts: this.counts, features });
  }

  /** Draw with the colours of now. */
  restyle() {
    this.coloured?.setStyle((feature) => this.#styleOf(feature));
    this.outlines?.setStyle(this.#outlineStyle());
  }

  /** Mark one area, or none; and show it if it is out of sight. */
  choose(code) {
    this.chosen = code;
    this.restyle();
    this.coloured?.eachLayer((layer) => {
      if (layer.feature.id !== code) return;
      layer.bringToFront();
      if (!this.map.getBounds().intersects(layer.getBounds())) this.map.panTo(layer.getBounds().getCenter());
    });
  }

  /** Name the areas in sight, the largest first, where a name does not cover another. */
  #nameThem() {
    this.names?.remove();
    const isShown = this.map.hasLayer(this.groups.outlines) || this.map.hasLayer(this.groups.coloured);
    if (!this.outlines || !isShown) return;
    const taken = [];
    const markers = this.#inSight().flatMap(({ feature, width }) => {
      const [longitude, latitude] = feature.properties.label;
      const at = this.map.latLngToContainerPoint([latitude, longitude]);
      const box = boxAround(at, feature.properties.name);
      if (box.width > width * 1.15 || taken.some((other) => overlap(box, other))) return [];
      taken.push(box);
      return [nameAt([latitude, longitude], feature.properties.name)];
    });
    this.names = window.L.layerGroup(markers.slice(0, NAMES_AT_MOST)).addTo(this.map);
  }

  #inSight() {
    const bounds = this.map.getBounds();
    const found = this.outlines.getLayers().filter((layer) => bounds.intersects(layer.getBounds()));
    const widthOf = (layer) => {
      const { _northEast: ne, _southWest: sw } = layer.getBounds();
      return this.map.latLngToContainerPoint(ne).x - this.map.latLngToContainerPoint(sw).x;
    };
    const sized = found.map((layer) => ({ feature: layer.feature, width: widthOf(layer) }));
    return sized.filter(({ feature }) => feature.properties.name).sort((a, b) => b.width - a.width);
  }
}

function boxAround({ x, y }, name) {
  const width = 12 + 6.6 * name.length;
  return { left: x - width / 2, top: y - 9, width, height: 18 };
}

function overlap(a, b) {
  const across = a.left < b.left + b.width && b.left < a.left + a.width;
  return across && a.top < b.top + b.height && b.top < a.top + a.height;
}

function nameAt(place, name) {
  const icon = window.L.divIcon({ className: "area-name", html: make("span", {}, name), iconSize: null });
  return window.L.marker(place, { icon, interactive: false, keyboard: false, pane: "names" });
}
