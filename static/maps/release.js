// The public list: areas with their sums, the same figures that colour the map.
import { make } from "./elements.js";
import { intervalBar } from "./symbols.js";
import { damageWords, number, say } from "./words.js";

/** The table of areas in `root`; choosing one calls `onChoose(code)`. */
export class ReleaseTable {
  constructor(root, names, onChoose) {
    Object.assign(this, { root, names, onChoose });
    this.body = root.querySelector(".area-sums");
    this.heading = root.querySelector(".list-count");
    this.empty = root.querySelector(".list-empty");
  }

  /** Show new sums, `[{code, count, damage_low, damage_high}]`. */
  show(areas, total) {
    const sorted = [...areas].sort((a, b) => b.count - a.count);
    this.body.replaceChildren(...sorted.map((area) => this.#row(area)));
    this.empty.hidden = areas.length > 0;
    this.root.querySelector(".table-frame").hidden = areas.length === 0;
    this.heading.textContent = say("verified_in_areas", { count: number(total), areas: number(areas.length) });
    this.mark(this.chosen);
  }

  #row({ code, count, damage_low: low, damage_high: high }) {
    const button = make("button", { type: "button", class: "area-pick", "data-code": code }, this.names[code] ?? code);
    button.addEventListener("click", () => this.onChoose(code));
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, button),
      make("td", { class: "number" }, number(count)),
      make("td", {}, intervalBar(low, high, damageWords(low, high))),
    );
  }

  /** Mark the chosen area. */
  mark(code) {
    this.chosen = code;
    for (const button of this.body.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.code === code));
    }
  }
}
