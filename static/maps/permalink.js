// The page's address says all that is shown: place, filters, times, layers, base map, symbols, what is open.
const VIEW = "at"; // zoom/latitude/longitude

/** Keep the address of `page` true; going back and forward shows again what was shown. */
export class Permalink {
  constructor(page) {
    this.page = page;
    this.usual = this.#layers().join(" ");
    page.map.on("moveend", () => this.#replace());
    page.map.on("overlayadd overlayremove", () => this.#push());
    for (const field of this.#choices()) field.addEventListener("change", () => this.#push());
    window.addEventListener("popstate", () => this.#restore(new URLSearchParams(window.location.search)));
  }

  /** Show what the address says; returns whether it names a place, so that the whole crisis is not shown. */
  start() {
    const asked = new URLSearchParams(window.location.search);
    this.#restore(asked, false);
    return this.#look(asked.get(VIEW));
  }

  /** The selection or what is open changed: a step that one can go back from. */
  changed() {
    if (this.page.keys?.player.ticking) this.#replace(); // one does not go back through a film
    else this.#push();
  }

  /** The address of now. */
  get address() {
    const { page } = this;
    const said = new URLSearchParams([...page.filters.parameters]);
    if (page.filters.clock !== "happened") said.set("clock", page.filters.clock);
    const { lat, lng } = page.map.getCenter();
    said.set(VIEW, `${page.map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
    if (page.by !== "damage") said.set("by", page.by);
    if (this.#layers().join(" ") !== this.usual) said.set("layers", this.#layers().join(" "));
    const base = document.querySelector("input[name=ground]:checked")?.value;
    if (base) said.set("base", base);
    if (page.compared) said.set("compare", page.compared);
    if (page.opened?.properties.id) said.set("incident", page.opened.properties.id);
    return `${window.location.pathname}?${said}`.replaceAll("%2C", ",").replaceAll("%2F", "/");
  }

  #push() {
    if (this.isRestoring) return;
    if (this.address !== window.location.pathname + window.location.search) window.history.pushState(null, "", this.address);
  }

  #replace() {
    clearTimeout(this.soon); // browsers refuse more than some hundred changes in half a minute
    this.soon = setTimeout(() => !this.isRestoring && window.history.replaceState(null, "", this.address), 300);
  }

  #restore(asked, refresh = true) {
    this.isRestoring = true;
    const { page } = this;
    clearTimeout(this.soon);
    page.filters.restore(asked);
    page.time.restore(asked);
    page.areas.choose((page.area = asked.get("area")));
    page.table?.mark(page.area);
    this.#showLayers(asked.get("layers")?.split(" "));
    page.compared = asked.get("compare");
    this.#set("by", asked.get("by") ?? "damage");
    this.#set("ground", asked.get("base") ?? "");
    if (refresh) {
      this.#look(asked.get(VIEW));
      page.refresh();
      page.reopen(asked.get("incident"));
    }
    page.keys?.restore();
    this.isRestoring = false;
  }

  #look(text) {
    const [zoom, latitude, longitude] = (text ?? "").split("/").map(Number);
    if (![zoom, latitude, longitude].every(Number.isFinite) || Math.abs(latitude) > 90) return false;
    this.page.map.setView([latitude, longitude], zoom, { animate: false });
    return true;
  }

  #layers() {
    return Object.entries(this.page.groups)
      .filter(([, group]) => group && this.page.map.hasLayer(group))
      .map(([name]) => name);
  }

  #showLayers(names) {
    const wanted = names ?? this.usual.split(" ");
    for (const [name, group] of Object.entries(this.page.groups)) {
      if (!group || wanted.includes(name) === this.page.map.hasLayer(group)) continue;
      if (wanted.includes(name)) this.page.map.addLayer(group);
      else this.page.map.removeLayer(group);
    }
  }

  #choices() {
    return document.querySelectorAll("input[name=by], [name=ground]");
  }

  #set(name, value) {
    for (const field of document.querySelectorAll(`input[name=${name}]`)) {
      if (field.value !== value || field.checked) continue;
      field.checked = true;
      field.dispatchEvent(new Event("change"));
    }
  }
}
