// The list of incidents in sight: the map's equal, for hands, keys and ears.
import { getJson, isAbort } from "./answers.js";
import { make } from "./elements.js";
import { symbolOf } from "./style.js";
import { intervalBar, pictureOf } from "./symbols.js";
import { damageWords, labelOf, number, say, shortDay } from "./words.js";

const PAGE = 50;

/** The list in `root`; choosing a row calls `onChoose(feature)`, resting on one `onRest(feature or null)`. */
export class IncidentList {
  constructor(root, settings, { by, onChoose, onRest, onFailure }) {
    Object.assign(this, { root, settings, by, onChoose, onRest, onFailure });
    this.rows = root.querySelector("ol");
    this.heading = root.querySelector(".list-count");
    this.more = root.querySelector(".list-more");
    this.empty = root.querySelector(".list-empty");
    this.more.addEventListener("click", () => this.#load(this.next, true));
  }

  /** Show the incidents that `filters` choose within `box`, degrees `west,south,east,north`. */
  show(filters, box) {
    const asked = new URLSearchParams([...filters, ["bbox", box], ["limit", String(PAGE)]]);
    return this.#load(`${this.settings.incidents}?${asked}`, false);
  }

  async #load(address, isMore) {
    this.stop?.abort();
    this.stop = new AbortController();
    this.root.setAttribute("aria-busy", "true");
    try {
      const page = await getJson(address, this.stop.signal);
      this.#fill(page, isMore);
    } catch (error) {
      if (isAbort(error)) return;
      this.onFailure(error);
    }
    this.root.removeAttribute("aria-busy");
  }

  #fill(page, isMore) {
    const items = page.features.map((feature) => this.#kept(feature) ?? this.#row(feature));
    const focused = this.rows.contains(document.activeElement) ? document.activeElement : null;
    if (isMore) this.rows.append(...items);
    else this.rows.replaceChildren(...items);
    if (isMore) items[0]?.querySelector("a").focus();
    else if (focused) (focused.isConnected ? focused : this.heading).focus({ preventScroll: true });
    this.features = isMore ? [...this.features, ...page.features] : page.features;
    this.items = new Map(this.features.map((feature, n) => [feature.id, [feature, this.rows.children[n]]]));
    this.next = page.links?.find(({ rel }) => rel === "next")?.href;
    this.more.hidden = !this.next;
    this.empty.hidden = this.features.length > 0;
    const count = page.numberMatched ?? this.features.length;
    this.heading.textContent = say("in_sight", { count: number(count) });
    this.mark(this.chosen);
  }

  /** The row that already shows an incident, so that focus and pointer stay where they are. */
  #kept({ id, properties }) {
    const [feature, item] = this.items?.get(id) ?? [];
    return feature?.properties.version === properties.version ? item : null;
  }

  #row(feature) {
    const { properties } = feature;
    const link = make(
      "a",
      { class: "incident", href: `?incident=${encodeURIComponent(properties.id)}`, "data-id": properties.id },
      pictureOf(symbolOf(properties, this.by())),
      make(
        "span",
        { class: "incident-words" },
        make("span", { class: "incident-title" }, kindOf(properties)),
        make("span", { class: `badge state-${properties.status}` }, labelOf("states", properties.status)),
        make("span", { class: "incident-facts" }, barOf(properties), ` ${factsOf(properties)}`),
      ),
    );
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.onChoose(feature, link);
    });
    for (const name of ["mouseenter", "focus"]) link.addEventListener(name, () => this.onRest(feature));
    for (const name of ["mouseleave", "blur"]) link.addEventListener(name, () => this.onRest(null));
    return make("li", {}, link);
  }

  /** Draw the symbols again: what they show changed. */
  restyle() {
    for (const [n, item] of [...this.rows.children].entries()) {
      const feature = this.features?.[n];
      if (feature) item.querySelector("canvas")?.replaceWith(pictureOf(symbolOf(feature.properties, this.by())));
    }
  }

  /** Mark the row of the incident that is open. */
  mark(id) {
    this.chosen = id;
    for (const link of this.rows.querySelectorAll("a")) {
      if (link.dataset.id === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}

/** What was damaged; how much is drawn beside it. */
export function kindOf({ asset, sector }) {
  if (asset) return labelOf("assets", asset);
  return sector && sector !== "unknown" ? labelOf("sectors", sector) : say("incident");
}

function barOf({ damage_low: low, damage_high: high }) {
  return intervalBar(low, high, damageWords(low, high));
}

function factsOf(properties) {
  const when = properties.happened_from ?? properties.first_reported_at;
  const facts = [
    properties.service_state === "out" || properties.service_state === "partial"
      ? labelOf("services", properties.service_state)
      : "",
    say("count_reports", { count: number(properties.reports ?? 0) }),
    when ? shortDay(when) : "",
  ];
  return facts.filter(Boolean).join(" · ");
}
