// The tools of the panel: measuring, drawing, comparing dates, link, paper, picture, keys.
import { getJson } from "./answers.js";
import { make } from "./elements.js";
import { Sketch } from "./sketch.js";
import { labelOf, number, say } from "./words.js";

const FILTER = /^S_INTERSECTS\(geometry, POLYGON\(\(([-\d., ]+)\)\)\)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The tools of `page` in `root`. */
export class Tools {
  constructor(page, root, places) {
    Object.assign(this, { page, root, places });
    this.said = root.querySelector(".tool-said");
    this.sketch = new Sketch(page.map, {
      onSay: (sentence) => (this.said.textContent = sentence),
      onArea: (ring) => page.filters.set({ filter: conditionOf(ring) }),
      onState: () => this.#state(),
    });
    root.addEventListener("click", ({ target }) => this.#pressed(target.closest("[data-tool]")?.dataset.tool));
    root.querySelector(".tool-typed").addEventListener("submit", (event) => this.#typed(event));
    root.querySelector(".tool-print").addEventListener("submit", (event) => this.#print(event));
    root.querySelector(".tool-compare").addEventListener("submit", (event) => this.#compare(event));
    this.restore();
  }

  /** Show what the address says of drawn areas and compared dates. */
  restore() {
    const ring = FILTER.exec(this.page.filters.parameters.get("filter") ?? "")?.[1];
    if (ring) this.sketch.show(ring.split(",").map((pair) => pair.trim().split(" ").map(Number)).slice(0, -1));
    else if (this.sketch.corners.length && !this.sketch.kind) this.sketch.clear();
    const [first, second] = (this.page.compared ?? "").split(",");
    if (DAY.test(first) && DAY.test(second)) this.#difference(first, second);
    else this.root.querySelector(".compare-frame").hidden = true;
  }

  /** Use a tool by its name, as its button or its key does. */
  use(name) {
    this.root.open = true;
    this.#pressed(name);
  }

  #pressed(name) {
    if (["line", "area", "choose"].includes(name)) this.sketch.begin(name);
    else if (name === "finish") this.sketch.finish();
    else if (name === "clear") this.#clear();
    else if (name === "link") this.#copy();
    else if (name === "picture") this.#picture();
  }

  #clear() {
    this.sketch.clear();
    if (this.page.filters.parameters.has("filter")) this.page.filters.set({ filter: null });
  }

  #state() {
    for (const button of this.root.querySelectorAll("[aria-pressed]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === this.sketch?.kind));
    }
    this.root.querySelector(".tool-drawing").hidden = !this.sketch || (!this.sketch.kind && this.sketch.corners.length === 0);
  }

  async #copy() {
    const address = new URL(this.page.link.address, window.location.href).href;
    await navigator.clipboard?.writeText(address).catch(() => undefined);
    this.said.replaceChildren(make("a", { href: address }, say("link_copied")));
  }

  async #print(event) {
    event.preventDefault();
    const [paper, turned] = new FormData(event.target).get("paper").split(" ");
    const { printView } = await import("./print.js");
    await printView(this.page, paper, turned);
  }

  async #picture() {
    const { pictureOfMap } = await import("./picture.js");
    const blob = await pictureOfMap(this.page).catch(() => null);
    if (!blob) return void (this.said.textContent = say("no_picture"));
    const link = make("a", { href: URL.createObjectURL(blob), download: "map.png" });
    link.click();
    return setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** The server reads the positions, in any notation, as the search box does. */
  async #typed(event) {
    event.preventDefault();
    const lines = event.target.querySelector("textarea").value.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, 100);
    const found = await Promise.all(lines.map((line) => this.#position(line)));
    const wrong = found.findIndex((place) => !place);
    if (wrong >= 0) this.said.textContent = say("no_position", { line: number(wrong + 1) });
    else if (found.length > 1) this.sketch.take(found);
  }

  async #position(line) {
    const { features } = await getJson(`${this.places}?${new URLSearchParams({ q: line })}`);
    return features.find(({ properties }) => properties.kind === "position")?.geometry.coordinates;
  }

  #compare(event) {
    event.preventDefault();
    const { first, second } = Object.fromEntries(new FormData(event.target));
    this.page.compared = `${first},${second}`;
    this.page.link.changed();
    this.#difference(first, second);
  }

  async #difference(first, second) {
    const [before, after] = await Promise.all([first, second].map((day) => this.page.figuresUntil(day)));
    const frame = this.root.querySelector(".compare-frame");
    const [, one, two] = frame.querySelectorAll("th[scope=col]");
    [one.textContent, two.textContent] = [first, second];
    const codes = Object.keys({ ...before.sectors, ...after.sectors });
    const rows = codes.map((code) => row(labelOf("sectors", code), before.sectors[code] ?? 0, after.sectors[code] ?? 0));
    frame.querySelector("tbody").replaceChildren(row(say("all_sectors"), before.count, after.count), ...rows);
    frame.hidden = false;
  }
}

function row(label, before, after) {
  const change = `${after > before ? "+" : ""}${number(after - before)}`;
  const cell = (text) => make("td", { class: "number" }, make("bdi", {}, text));
  return make("tr", {}, make("th", { scope: "row" }, label), cell(number(before)), cell(number(after)), cell(change));
}

/** The CQL2 filter of an area: map, list, figures and files then hold what lies within it. */
function conditionOf(ring) {
  const corners = [...ring, ring[0]].map(([lon, lat]) => `${lon.toFixed(5)} ${lat.toFixed(5)}`);
  return `S_INTERSECTS(geometry, POLYGON((${corners.join(", ")})))`;
}
