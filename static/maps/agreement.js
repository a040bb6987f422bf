// A satellite's assessment beside ground reports: signs where they agree or not, sums by area as a table.
import { getJson } from "./answers.js";
import { make } from "./elements.js";
import { TableLayer } from "./table-layer.js";
import { number, say } from "./words.js";

const SIGNS = { agree: "=", ground_higher: "▲", satellite_higher: "▼" };

/** The comparison of one assessment; `body` is the table's body. */
export class Agreement extends TableLayer {
  constructor(map, choice, areas, body, onFailure) {
    super(map, { pane: "agreement", height: 429, body, onFailure });
    Object.assign(this, { choice, areas });
  }

  async draw() {
    this.replace([]);
    if (!this.isOn) return;
    const found = await getJson(`${this.choice.agreement}?level=${this.areas.level ?? 1}`).catch(this.onFailure);
    if (!found || !this.isOn) return;
    this.replace(found.points.map(marker));
    const names = new Map((this.areas.features?.features ?? []).map(({ id, properties }) => [id, properties.name]));
    const rows = found.areas.map((area) => row(names.get(area.code) || area.code, area));
    this.body.replaceChildren(row(say("altogether"), found), ...rows);
  }
}

function marker({ verdict, position: [longitude, latitude] }) {
  const icon = window.L.divIcon({ className: `verdict-mark verdict-${verdict}`, html: make("span", {}, SIGNS[verdict]), iconSize: [18, 18] });
  return window.L.marker([latitude, longitude], { icon, pane: "agreement", interactive: false, keyboard: false });
}

function row(name, sums) {
  const cell = (verdict) => make("td", { class: "number" }, number(sums[verdict]));
  return make("tr", {}, make("th", { scope: "row" }, name), ...Object.keys(SIGNS).map(cell));
}
