// The switches of the map's layers. Each is a checkbox `layer` or a radio `measure` of the page's own form,
// so that keyboards, screen readers and a kept address reach them like any other field.
import { Activities } from "./activities.js";
import { Agreement } from "./agreement.js";
import { Background } from "./background.js";
import { explainAreas } from "./legend.js";
import { tabulate } from "./measures.js";
import { overlaysOf } from "./overlays.js";

/** Follows the switches in `root` for the map of `page`. */
export class LayerSwitches {
  constructor(page, root, settings) {
    const onFailure = (error) => page.failed(error);
    this.overlays = page.isPublic ? {} : overlaysOf(page.map, settings, onFailure);
    for (const choice of settings.layers) {
      this.overlays[choice.id] = new Background(page.map, choice, root.querySelector(`[data-list="${choice.id}"]`), onFailure);
    }
    for (const choice of settings.layers.filter(({ agreement }) => agreement)) {
      const body = root.querySelector(`[data-agreement="${choice.id}"]`);
      this.overlays[`agreement-${choice.id}`] = new Agreement(page.map, choice, page.areas, body, onFailure);
    }
    const who = root.querySelector(".who-rows");
    if (who) this.overlays.activities = new Activities(page.map, settings, page.areas, who, onFailure);
    page.areas.onColours = (drawn) => {
      explainAreas(page.map.getContainer().closest("main").querySelector(".legend-areas"), drawn);
      tabulate(root.querySelector("[data-figures] tbody"), drawn);
      this.overlays.activities?.follow(drawn.features);
    };
    for (const input of root.querySelectorAll("input[name=measure]")) {
      const measure = () => {
        if (!page.map.hasLayer(page.groups.coloured)) page.map.addLayer(page.groups.coloured);
        page.areas.measureBy(input.value);
      };
      input.addEventListener("change", measure);
      if (input.checked && input.value !== "count") measure();
    }
    for (const input of root.querySelectorAll("input[name=layer]")) {
      const turn = () => {
        const key = root.querySelector(`[data-key="${input.value}"]`);
        if (key) key.hidden = !input.checked;
        this.overlays[input.value]?.turn(input.checked);
      };
      input.addEventListener("change", turn);
      if (input.checked) turn();
    }
  }

  /** The selection changed. */
  show(filters) {
    for (const overlay of Object.values(this.overlays)) overlay.show(filters);
  }

  /** The light changed. */
  restyle() {
    for (const overlay of Object.values(this.overlays)) overlay.restyle();
  }
}
