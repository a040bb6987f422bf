// The map page: one selection, shown as a map, a list and figures.
import { getJson, isAbort } from "./answers.js";
import { Areas } from "./areas.js";
import { Drawer } from "./details.js";
import { dataOf } from "./elements.js";
import { Filters } from "./filters.js";
import { addGround } from "./ground.js";
import { pickGround } from "./ground-picker.js";
import { Incidents } from "./incidents.js";
import { Keys } from "./keys.js";
import { LayerSwitches } from "./layers.js";
import { explainAreas, paintLegend } from "./legend.js";
import { IncidentList } from "./list.js";
import { Permalink } from "./permalink.js";
import { ReleaseTable } from "./release.js";
import { Search, showPlace } from "./search.js";
import { makeSheet } from "./sheet.js";
import { refreshStyle, useGlyphs } from "./style.js";
import { TimeLine } from "./timeline.js";
import { ago, number, say } from "./words.js";

const FRESH = 60_000; // milliseconds between looks for a newer snapshot
const NEAR = 13; // the zoom from which a chosen incident is shown at least
const WHOLE_CRISIS_LEVEL = -1; // of what is counted beyond every area, and has no outline
const PHONE = window.matchMedia("(max-width: 47.99rem)");
const settings = dataOf("map-settings");
const screen = document.getElementById("main");
const find = (selector) => screen.querySelector(selector);

class MapPage {
  constructor() {
    this.map = window.map_crisis; // composed by folium, as are the groups of the layer control
    this.groups = Object.fromEntries(
      ["ground", "outlines", "coloured", "incidents"].map((name) => [name, window[`feature_group_${name}`]]),
    );
    this.isPublic = settings.audience === "public";
    this.sheet = makeSheet(find(".map-panel"), find(".sheet-handle"));
    this.filters = new Filters(find("#filters"), () => this.#selected());
    this.time = new TimeLine(find(".map-time"), (range) => this.filters.set(this.#timeFilters(range)));
    this.areas = new Areas(this.map, this.groups, settings, (code) => this.chooseArea(code));
    this.layers = new LayerSwitches(this, find(".map-layers"), settings);
    if (this.isPublic) this.#setUpRelease();
    else this.#setUpIncidents();
  }

  #setUpRelease() {
    this.table = new ReleaseTable(find(".map-list"), settings.names, (code) => this.chooseArea(code));
  }

  #setUpIncidents() {
    const by = () => this.by;
    const onFailure = (error) => this.failed(error);
    this.drawer = new Drawer(find(".map-drawer"), settings, () => this.#closed());
    this.incidents = new Incidents(this.map, this.groups.incidents, settings, { by, onFailure });
    this.list = new IncidentList(find(".map-list"), settings, {
      by,
      onFailure,
      onChoose: (feature, link) => this.open(feature, link),
      onRest: (feature) => this.#rest(feature),
    });
    this.map.on("click", (event) => this.clicked(event));
    this.map.on("moveend", () => this.#listSoon());
    for (const choice of screen.querySelectorAll("input[name=by]")) {
      choice.addEventListener("change", () => this.#showBy(choice.value));
    }
  }

  async start() {
    nameControls(this.map);
    find(".map-legend").open = window.matchMedia("(min-width: 75rem)").matches;
    this.link = new Permalink(this);
    if (!this.link.start()) this.#fit();
    useGlyphs(glyphsOf(screen));
    paintLegend(screen);
    this.map.on("zoomend", () => this.#countAreas());
    const redraw = addGround(this.map, this.groups.ground, settings).catch((error) => this.failed(error));
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", async () => this.#relight(await redraw));
    redraw.then(() => pickGround(screen, this.map, this.groups.ground, settings, () => this.areas.restyle()));
    this.areas.show().catch((error) => this.failed(error));
    this.refresh();
    if (!this.isPublic) setInterval(() => this.#keepFresh(), FRESH);
    this.keys = new Keys(this, screen);
    new Search(find(".search"), (feature) => showPlace(this, feature));
    this.reopen(new URLSearchParams(window.location.search).get("incident"));
  }

  /** Open the incident that the address names, if it is not open; close the drawer where it names none. */
  reopen(id) {
    if (!this.drawer || (this.opened?.properties.id ?? null) === id) return;
    if (id) this.open({ properties: { id } }, null);
    else this.drawer.close();
  }

  #fit() {
    const [west, south, east, north] = settings.bounds;
    this.map.fitBounds([[south, west], [north, east]], { ...this.covered(), animate: false });
  }

  /** How much of the map lies under the panel, the time line, the open legend and, once open, the drawer. */
  covered(withDrawer = false) {
    const edge = 40;
    if (PHONE.matches) {
      const below = this.map.getSize().y * (withDrawer ? 0.62 : 0.44) + edge / 2;
      return { paddingTopLeft: [edge, edge / 2], paddingBottomRight: [edge, below] };
    }
    const start = find(".map-panel").offsetWidth + edge;
    const end = withDrawer ? find(".map-drawer").offsetWidth + edge : this.#legendWidth() + edge;
    const isRightToLeft = document.documentElement.dir === "rtl";
    return {
      paddingTopLeft: [isRightToLeft ? end : start, edge],
      paddingBottomRight: [isRightToLeft ? start : end, 120],
    };
  }

  /** How far the open legend reaches into the map from its end side; 0 while it is folded. */
  #legendWidth() {
    const legend = find(".map-legend");
    return legend.open ? legend.offsetWidth : 0;
  }

  /** What the symbols show: damage, sector or status. */
  get by() {
    return find("input[name=by]:checked")?.value ?? "damage";
  }

  #selected() {
    this.refresh();
    this.link.changed();
  }

  /** The selection changed: show it everywhere. */
  refresh() {
    const filters = this.filters.parameters;
    this.incidents?.show(filters);
    this.layers.show(filters);
    if (this.list) this.#listNow();
    this.#summarise(filters);
  }

  async #summarise(filters) {
    this.stop?.abort();
    this.stop = new AbortController();
    const asked = new URLSearchParams(filters);
    if (!this.isPublic) {
      asked.set("clock", this.filters.clock);
      if (this.areas.level != null) asked.set("level", this.areas.level);
    }
    try {
      this.#figures(await getJson(`${settings.summary}?${asked}`, this.stop.signal));
    } catch (error) {
      if (!isAbort(error)) this.failed(error);
    }
  }

  /** A newer snapshot shows itself; what is shown says how old it is. */
  async #keepFresh() {
    if (document.hidden) return;
    this.#sayAge();
    const { version } = await getJson(settings.summary).catch(() => ({}));
    if (version && version !== this.version) this.refresh();
  }

  #sayAge() {
    const shown = find(".panel-age time");
    if (shown) shown.textContent = ago(shown.dateTime);
  }

  #figures(summary) {
    find(".map-failure").hidden = true;
    this.version = summary.version;
    const shown = find(".panel-age time");
    if (shown && summary.data_until) shown.dateTime = summary.data_until;
    this.#sayAge();
    const unplaced = find(".list-unplaced");
    if (unplaced) {
      unplaced.hidden = !summary.needs_location;
      unplaced.textContent = say("without_position", { count: number(summary.needs_location ?? 0) });
    }
    this.filters.annotate(summary);
    this.time.show(summary.bars);
    const drawn = summary.areas.filter(({ level }) => level !== WHOLE_CRISIS_LEVEL);
    this.areas.colourBy(drawn);
    this.table?.show(summary.areas, summary.count);
  }

  /** Another level of areas needs other counts. */
  #countAreas() {
    if (this.isPublic || this.areas.level === this.countedLevel) return;
    this.countedLevel = this.areas.level;
    this.#summarise(this.filters.parameters);
  }

  /** The figures of the selection up to the end of a day, `YYYY-MM-DD`, whatever range of time is chosen. */
  async figuresUntil(day) {
    const asked = new URLSearchParams(this.filters.parameters);
    for (const name of ["from", "to", "week"]) asked.delete(name);
    if (this.isPublic) {
      const { bars } = await getJson(`${settings.summary}?${asked}`);
      const weeks = bars.filter(({ week, start }) => week && start <= day).map(({ week }) => week);
      asked.set("week", weeks.join(",") || "0001-W01"); // a week before every other: nothing yet
    } else {
      asked.set("to", `${day}T23:59:59Z`);
      asked.set("clock", this.filters.clock);
    }
    return getJson(`${settings.summary}?${asked}`);
  }

  #timeFilters(range) {
    if (this.isPublic) return { week: range ? weeksBetween(this.time.bars, range) : null };
    if (!range) return { from: null, to: null };
    return { from: range.first.start, to: new Date(Date.parse(range.last.end) - 1000).toISOString() };
  }

  #listSoon() {
    clearTimeout(this.listing);
    this.listing = setTimeout(() => this.#listNow(), 250);
  }

  #listNow() {
    clearTimeout(this.listing);
    return this.list.show(this.filters.parameters, boxOf(this.map.getBounds()));
  }

  /** Open one incident: mark it on the map and in the list, and show what is known. */
  async open(feature, from) {
    this.sheet.lower();
    this.list.mark(feature.properties.id);
    this.opened = feature;
    this.link.changed();
    const answer = this.drawer.open(feature, from);
    if (feature.geometry) this.#bringIntoSight(feature);
    const whole = await answer;
    if (whole?.geometry && !feature.geometry) this.#bringIntoSight(whole);
  }

  #bringIntoSight({ geometry, properties }) {
    const place = [geometry.coordinates[1], geometry.coordinates[0]];
    this.incidents.ring(geometry.coordinates, properties.position_accuracy_m);
    this.opened = { geometry, properties };
    if (this.map.getZoom() < NEAR) this.map.setView(place, NEAR, { animate: false });
    this.map.panInside(place, { ...this.covered(true), animate: false });
  }

  #closed() {
    this.opened = null;
    this.link.changed();
    this.incidents.ring(null);
    this.list.mark(null);
  }

  #rest(feature) {
    const shown = feature ?? this.opened;
    this.incidents.ring(shown?.geometry?.coordinates, shown === this.opened ? shown?.properties.position_accuracy_m : 0);
  }

  /** A click asks the server what lies there: tiles are only a picture. */
  async clicked({ containerPoint, latlng }) {
    if (this.map.isSketching || !this.map.hasLayer(this.groups.incidents)) return;
    const asked = new URLSearchParams([...this.filters.parameters, ["bbox", this.incidents.boxAround(containerPoint)], ["limit", "25"]]);
    try {
      const { features } = await getJson(`${settings.incidents}?${asked}`);
      if (features.length === 1) await this.open(features[0], null);
      else if (features.length > 1 && this.map.getZoom() < 13 && features.length >= 25) this.map.setView(latlng, this.map.getZoom() + 2);
      else if (features.length > 1) this.drawer.choose(features, (feature, from) => this.open(feature, from));
    } catch (error) {
      this.failed(error);
    }
  }

  /** Choose an area, or let it go again. On the internal map it narrows the selection. */
  chooseArea(code) {
    const chosen = this.area === code ? null : code;
    this.area = chosen;
    this.areas.choose(chosen);
    this.table?.mark(chosen);
    if (!this.isPublic) this.filters.set({ area: chosen });
  }

  #showBy(by) {
    for (const part of screen.querySelectorAll("[data-by]")) part.hidden = part.dataset.by !== by;
    this.incidents.restyle();
    this.list.restyle();
  }

  #relight(redraw) {
    refreshStyle();
    redraw?.();
    this.areas.restyle();
    this.layers.restyle();
    this.incidents?.restyle();
    this.list?.restyle();
    paintLegend(screen);
  }

  failed(error) {
    const notice = find(".map-failure");
    notice.hidden = false;
    notice.replaceChildren(say("not_loaded"), " ", error.message);
  }
}

function boxOf(bounds) {
  const clamp = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(5);
  const { _southWest: sw, _northEast: ne } = bounds;
  return [clamp(sw.lng, 180), clamp(sw.lat, 90), clamp(ne.lng, 180), clamp(ne.lat, 90)].join(",");
}

function weeksBetween(bars, { first, last }) {
  return bars.filter(({ start, count }) => count > 0 && start >= first.start && start <= last.start).map(({ week }) => week);
}

/** The sectors' symbols as the page draws them, for the map to draw alike. */
function glyphsOf(root) {
  const chips = [...root.querySelectorAll("input[name=sector]")];
  const pathsOf = (chip) => [...chip.closest("label").querySelectorAll("svg path")].map((path) => path.getAttribute("d"));
  return Object.fromEntries(chips.map((chip) => [chip.value, pathsOf(chip).join(" ")]));
}

/** Leaflet names its layer control in English only. */
function nameControls(map) {
  const toggle = map.getContainer().querySelector(".leaflet-control-layers-toggle");
  toggle?.setAttribute("title", say("layers"));
  toggle?.setAttribute("aria-label", say("layers"));
  map.attributionControl?.setPrefix(false).setPosition(document.documentElement.dir === "rtl" ? "bottomleft" : "bottomright");
}

new MapPage().start();
