// Who works where: the number of organisations in each area, and all of it as a table.
import { getJson } from "./answers.js";
import { make } from "./elements.js";
import { TableLayer } from "./table-layer.js";
import { labelOf, number, say } from "./words.js";

/** Numbers on the map at the areas' middles; `body` is the table's body. */
export class Activities extends TableLayer {
  constructor(map, settings, areas, body, onFailure) {
    super(map, { pane: "activities", height: 428, body, onFailure });
    Object.assign(this, { settings, areas });
  }

  /** The areas drawn now: another level has other figures. */
  follow(features) {
    if (this.features === features) return;
    this.features = features;
    if (this.isOn) this.draw();
  }

  async draw() {
    this.replace([]);
    if (!this.isOn || !this.features?.length) return;
    const features = this.features;
    const level = features[0].properties.level;
    const found = await getJson(`${this.settings.activities}?level=${level}`).catch(this.onFailure);
    if (!found) return;
    const byCode = new Map(found.areas.map((area) => [area.code, area.sectors]));
    const drawn = found.level === level ? features : await this.#coarser(found.level);
    if (!this.isOn || this.features !== features) return; // meanwhile turned off, or at another level
    const here = drawn.filter(({ id }) => byCode.has(id));
    this.replace(here.map((feature) => this.#marker(feature, byCode.get(feature.id))));
    this.body.replaceChildren(...here.flatMap((feature) => rows(feature, byCode.get(feature.id))));
  }

  /** The areas of a level above the one drawn: rows name nothing finer. */
  async #coarser(level) {
    const address = this.settings.areas.replace("{level}", level);
    return (await getJson(address).catch(this.onFailure))?.features ?? [];
  }

  #marker({ id, properties: { label, name } }, sectors) {
    const count = organisationsOf(sectors).length;
    const icon = window.L.divIcon({ className: "who-mark", html: make("span", {}, number(count)), iconSize: [30, 24] });
    const alt = `${name || id}: ${say("organisations", { count: number(count) })}`;
    const marker = window.L.marker([label[1], label[0]], { icon, pane: "activities", title: alt, alt });
    return marker.bindPopup(() => make("div", {}, make("strong", {}, name || id), ...sectors.map(line)), { maxWidth: 280 });
  }
}

function organisationsOf(sectors) {
  return [...new Set(sectors.flatMap(({ organisations }) => organisations))];
}

function line({ sector, organisations }) {
  return make("p", { class: "who-line" }, make("b", {}, `${labelOf("sectors", sector)}: `), organisations.join(", ") || say("not_known"));
}

function rows({ id, properties: { name } }, sectors) {
  return sectors.map(({ sector, organisations, reached }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name || id),
      make("td", {}, labelOf("sectors", sector)),
      make("td", {}, organisations.join(", ") || say("not_known")),
      make("td", { class: "number" }, reached == null ? say("not_known") : number(reached)),
    ),
  );
}
