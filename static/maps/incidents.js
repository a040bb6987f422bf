// Incidents on the map: vector tiles of the selection, a click that asks the server, a ring around one.
import { tileLayer } from "./source.js";
import { colour, incidentRules } from "./style.js";

const FINGER = 12; // pixels around a click within which an incident is meant

/** The tiles of one map. `onFailure(error)` is told when a tile does not come. */
export class Incidents {
  constructor(map, group, settings, { by, onFailure }) {
    Object.assign(this, { map, group, settings, by, onFailure });
    map.createPane("incidents").style.zIndex = 420;
    map.createPane("ring").style.zIndex = 430;
  }

  /** Show the incidents that `filters` choose; the old ones stay until the new ones are drawn. */
  show(filters) {
    const query = filters.toString();
    const template = query ? `${this.settings.tiles}?${query}` : this.settings.tiles;
    const { map, onFailure } = this;
    const layer = tileLayer(template, { map, pane: "incidents", rules: incidentRules(this.by), onFailure });
    const before = this.layer;
    this.layer = layer;
    const retire = () => before && this.group.removeLayer(before);
    layer.once("load", retire);
    setTimeout(retire, 2500);
    this.group.addLayer(layer);
  }

  /** Draw again: the colours or what symbols show changed. */
  restyle() {
    this.layer?.rerenderTiles();
  }

  /** The box of degrees, `west,south,east,north`, around a click within which an incident is meant. */
  boxAround(point) {
    const corner = (dx, dy) => this.map.containerPointToLatLng([point.x + dx, point.y + dy]).wrap();
    const [southWest, northEast] = [corner(-FINGER, FINGER), corner(FINGER, -FINGER)];
    const degrees = [southWest.lng, southWest.lat, northEast.lng, northEast.lat];
    return degrees.map((value) => value.toFixed(6)).join(",");
  }

  /** Ring the incident at a position, with how far off it may be; `null` removes the ring. */
  ring(position, accuracy) {
    this.ringed?.remove();
    this.ringed = undefined;
    if (!position) return;
    const place = [position[1], position[0]];
    const line = { pane: "ring", color: colour("accent"), weight: 3, fill: false, interactive: false };
    const marks = [window.L.circleMarker(place, { ...line, radius: 14 })];
    if (accuracy > 0) {
      const faint = { ...line, weight: 1.5, dashArray: "4 4", fill: true, fillOpacity: 0.08 };
      marks.push(window.L.circle(place, { ...faint, radius: accuracy }));
    }
    this.ringed = window.L.layerGroup(marks).addTo(this.map);
  }
}
