// One of the operator's own layers: its tiles, the list of what is in sight, and what lies under a click.
import { getJson } from "./answers.js";
import { make } from "./elements.js";
import { tileLayer } from "./source.js";
import { thingRules } from "./thematic.js";
import { labelOf, number, say } from "./words.js";

const FINGER = 10; // pixels around a click
const SOON = 300; // milliseconds after the map came to rest

/** A layer of places or lines; `list` is the element that says in words what is in sight. */
export class Background {
  constructor(map, choice, list, onFailure) {
    Object.assign(this, { map, choice, list, onFailure, isOn: false });
    if (!map.getPane("background")) map.createPane("background").style.zIndex = 415;
    map.on("moveend", () => this.#listSoon());
    map.on("click", (event) => this.#asked(event));
  }

  turn(isOn) {
    this.isOn = isOn;
    this.layer?.remove();
    this.layer = undefined;
    this.list.closest("details").hidden = !isOn;
    if (!isOn) return;
    const { map, onFailure } = this;
    this.layer = tileLayer(this.choice.tiles, { map, pane: "background", rules: thingRules(this.choice.kind), onFailure });
    this.layer.addTo(map);
    this.#list();
  }

  show() {} // what was there before the damage does not follow the filters

  restyle() {
    this.layer?.rerenderTiles();
  }

  #listSoon() {
    clearTimeout(this.soon);
    if (this.isOn) this.soon = setTimeout(() => this.#list(), SOON);
  }

  async #list() {
    const { count, items } = await this.#within(this.map.getBounds()).catch((error) => this.#failed(error));
    const heading = this.list.closest("details").querySelector("summary");
    heading.replaceChildren(this.choice.name, " · ", say("in_sight", { count: number(count) }));
    this.list.replaceChildren(...items.map((item) => make("li", {}, ...wordsOf(item))));
  }

  async #asked({ containerPoint, latlng }) {
    if (!this.isOn) return;
    const corner = (way) => this.map.containerPointToLatLng(containerPoint.add([way * FINGER, way * FINGER]));
    const box = window.L.latLngBounds(corner(-1), corner(1));
    const { items } = await this.#within(box).catch((error) => this.#failed(error));
    if (items.length === 0) return;
    const list = make("ul", { class: "plain thing-list" }, ...items.slice(0, 8).map((item) => make("li", {}, ...wordsOf(item))));
    window.L.popup({ maxWidth: 280 }).setLatLng(latlng).setContent(list).openOn(this.map);
  }

  #within(bounds) {
    const clamp = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
    const corners = [clamp(bounds.getWest(), 180), clamp(bounds.getSouth(), 90), clamp(bounds.getEast(), 180), clamp(bounds.getNorth(), 90)];
    return getJson(`${this.choice.features}?bbox=${corners}`);
  }

  #failed(error) {
    this.onFailure(error);
    return { count: 0, items: [] };
  }
}

/** What an item is called; whatever strangers wrote becomes text alone. */
function wordsOf({ name, category, sector, more }) {
  const kind = [category, sector && labelOf("sectors", sector)].filter(Boolean).join(" · ");
  const rest = Object.entries(more).slice(0, 12).map(([key, value]) => `${key}: ${value}`).join(" · ");
  return [make("bdi", {}, name || rest || say("nameless")), kind ? make("small", {}, ` ${kind}`) : null];
}
