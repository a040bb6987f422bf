// Drawing a line or an area on the map, by clicks, by taps or from typed positions.
import { areaOf, crossesItself, lengthOf } from "./geodesy.js";
import { colour } from "./style.js";
import { number, say } from "./words.js";

/** One sketch at a time. `say(sentence)` hears of lengths; `onArea(ring)` gets a finished area to choose by. */
export class Sketch {
  constructor(map, { onSay, onArea, onState }) {
    Object.assign(this, { map, onSay, onArea, onState, corners: [] });
    this.layer = window.L.layerGroup().addTo(map);
    map.on("click", ({ latlng }) => this.kind && this.#add(latlng.wrap()));
    map.on("dblclick", () => this.kind && this.finish());
  }

  /** Begin a `line`, an `area` to measure, or an area to `choose` by. */
  begin(kind) {
    this.clear();
    this.kind = kind;
    this.map.isSketching = true;
    this.map.doubleClickZoom.disable();
    this.map.getContainer().style.cursor = "crosshair";
    this.onSay(say("sketch_hint"));
    this.onState();
  }

  /** Take typed corners, [longitude, latitude], as if they had been clicked, and finish. */
  take(corners) {
    const kind = this.kind ?? "area";
    this.begin(kind);
    this.corners = corners;
    this.#draw();
    this.map.fitBounds(corners.map(([lon, lat]) => [lat, lon]), { padding: [60, 60], animate: false });
    this.finish();
  }

  finish() {
    const { kind, corners } = this;
    this.#stop();
    if (kind !== "choose" || !this.#isArea()) return;
    if (crossesItself(corners)) this.onSay(say("sketch_crosses"));
    else this.onArea(corners);
  }

  /** Draw an area that was chosen before. */
  show(corners) {
    this.clear();
    Object.assign(this, { corners, kind: "choose" });
    this.#draw();
    this.kind = null;
  }

  clear() {
    this.corners = [];
    this.layer.clearLayers();
    this.#stop();
    this.onSay("");
  }

  #stop() {
    this.kind = null;
    setTimeout(() => (this.map.isSketching = Boolean(this.kind)), 300); // the click that ends it opens nothing
    this.map.doubleClickZoom.enable();
    this.map.getContainer().style.cursor = "";
    this.onState();
  }

  #isArea() {
    return this.corners.length > 2;
  }

  #add({ lng, lat }) {
    const last = this.corners.at(-1);
    if (last && last[0] === lng && last[1] === lat) return; // the second half of a double click
    this.corners.push([lng, lat]);
    this.#draw();
  }

  #draw() {
    const places = this.corners.map(([lon, lat]) => [lat, lon]);
    const look = { color: colour("accent"), weight: 3, interactive: false, pane: "ring" };
    const shape = this.kind === "line" ? window.L.polyline(places, look) : window.L.polygon(places, { ...look, fillOpacity: 0.1 });
    this.layer.clearLayers();
    this.layer.addLayer(shape);
    for (const place of places) this.layer.addLayer(window.L.circleMarker(place, { ...look, radius: 4, fillOpacity: 1 }));
    this.onSay(this.#figures());
  }

  #figures() {
    const long = say("length", { km: number(round(lengthOf(this.corners) / 1000)) });
    if (this.kind === "line" || !this.#isArea()) return long;
    return say("surface", { km2: number(round(areaOf(this.corners) / 1e6)) });
  }
}

/** Three digits, or whole numbers from a hundred on. */
function round(value) {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
