// The search box: asks the server as one types, and offers what it found as a combobox's list.
import { getJson, isAbort } from "./answers.js";
import { make } from "./elements.js";
import { number, say } from "./words.js";

const PAUSE = 180; // milliseconds without a key before the server is asked

/** Make the search form of the page live. `onChoose(feature)` gets a GeoJSON point, perhaps with a `bbox`. */
export class Search {
  constructor(form, onChoose) {
    Object.assign(this, { form, onChoose, found: [], at: -1 });
    this.input = form.querySelector("input");
    this.list = form.querySelector("[role=listbox]");
    this.said = form.querySelector("[role=status]");
    const combobox = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(combobox)) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.#soon());
    this.input.addEventListener("keydown", (event) => this.#pressed(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.#close(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the box
    form.addEventListener("submit", (event) => this.#sent(event));
  }

  #soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    this.stop?.abort();
    this.stop = new AbortController();
    const asked = this.input.value.trim();
    if (asked.length < 2) return this.#close();
    try {
      const { features } = await getJson(`${this.form.dataset.places}?${new URLSearchParams({ q: asked })}`, this.stop.signal);
      this.#show(features);
    } catch (error) {
      if (!isAbort(error)) this.#say(`${say("not_loaded")} ${error.message}`);
    }
    return undefined;
  }

  #show(features) {
    this.found = features;
    this.at = -1;
    this.list.replaceChildren(...features.map((feature, n) => this.#option(feature, n)));
    this.list.hidden = features.length === 0;
    this.input.setAttribute("aria-expanded", String(features.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.#say(features.length ? say("places_found", { count: number(features.length) }) : say("no_place"));
  }

  #option({ properties }, n) {
    const option = make(
      "li",
      { role: "option", id: `place-${n}`, "aria-selected": "false" },
      make("bdi", {}, properties.name),
      " ",
      make("bdi", { class: "soft small" }, properties.detail),
    );
    option.addEventListener("click", () => this.#choose(n));
    return option;
  }

  #pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !this.list.hidden) this.#close();
    else if (step && this.found.length) this.#move(step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(step) {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.at = (this.at + step + this.found.length + (this.at < 0 && step < 0 ? 1 : 0)) % this.found.length;
    for (const [n, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(n === this.at));
    this.input.setAttribute("aria-activedescendant", `place-${this.at}`);
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
  }

  async #sent(event) {
    event.preventDefault();
    clearTimeout(this.waiting);
    if (this.at < 0) await this.#ask();
    if (this.found.length) this.#choose(Math.max(0, this.at));
  }

  #choose(n) {
    const feature = this.found[n];
    this.input.value = feature.properties.name;
    this.#close();
    this.#say(feature.properties.name);
    this.onChoose(feature);
  }

  #close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #say(sentence) {
    this.said.textContent = sentence;
  }
}

/** Show a found place on the map: an area whole, a point near; a pin stays until the next one. */
export function showPlace(page, feature) {
  const [longitude, latitude] = feature.geometry.coordinates;
  page.placePin?.remove();
  page.placePin = window.L.circleMarker([latitude, longitude], { radius: 9, weight: 3, fill: false, interactive: false });
  if (feature.bbox) {
    const [west, south, east, north] = feature.bbox;
    page.map.fitBounds([[south, west], [north, east]], { ...page.covered(), animate: false });
    return;
  }
  page.placePin.addTo(page.map);
  page.map.setView([latitude, longitude], feature.properties.kind === "position" ? 15 : 12, { animate: false });
}
