// Further pictures of the same selection: where most incidents lie, and where services are out.
import { tileLayer } from "./source.js";
import { heatRules, outageRules } from "./thematic.js";

const OUT = "service_state IN ('out','partial')";

/** A layer of vector tiles that follows the filters while its switch is on. */
class Overlay {
  constructor(map, settings, { pane, order, rules, narrow, onFailure }) {
    Object.assign(this, { map, settings, pane, rules, narrow, onFailure, isOn: false });
    map.createPane(pane).style.zIndex = order;
  }

  turn(isOn) {
    this.isOn = isOn;
    this.#draw();
  }

  show(filters) {
    this.filters = filters;
    this.#draw();
  }

  restyle() {
    this.layer?.rerenderTiles();
  }

  #draw() {
    const before = this.layer;
    this.layer = undefined;
    before?.remove();
    if (!this.isOn) return;
    const asked = new URLSearchParams(this.filters);
    if (this.narrow) asked.set("filter", this.narrow);
    const query = asked.toString();
    const { map, pane, rules, onFailure } = this;
    this.layer = tileLayer(query ? `${this.settings.tiles}?${query}` : this.settings.tiles, { map, pane, rules: rules(), onFailure });
    this.layer.addTo(map);
  }
}

/** The overlays by the name of their switch. */
export function overlaysOf(map, settings, onFailure) {
  return {
    heat: new Overlay(map, settings, { pane: "heat", order: 410, rules: heatRules, onFailure }),
    outages: new Overlay(map, settings, { pane: "outages", order: 425, rules: outageRules, narrow: OUT, onFailure }),
  };
}
