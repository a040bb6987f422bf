// The filters: a plain form whose fields are named as the addresses' parameters. With scripts it takes
// effect at once; without, its button sends it.
import { number, say } from "./words.js";

const OWN = ["sector", "status", "min_grade", "clock", "from", "to", "area", "week", "filter"];

/** The form as the one selection that map, list and figures follow. */
export class Filters {
  constructor(form, onChange) {
    Object.assign(this, { form, onChange, extra: new URLSearchParams() });
    form.classList.add("is-live");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => this.#changed());
    form.querySelector(".filters-reset").addEventListener("click", () => this.clear());
    this.#count();
  }

  /** The parameters of now: what the form says, and what the time line or a chosen area add. */
  get parameters() {
    const chosen = new Map();
    for (const [name, value] of [...new FormData(this.form), ...this.extra]) {
      if (OWN.includes(name) && value !== "") chosen.set(name, [...(chosen.get(name) ?? []), value]);
    }
    if (!chosen.has("from") && !chosen.has("to")) chosen.delete("clock");
    return new URLSearchParams([...chosen].map(([name, values]) => [name, values.join(",")]));
  }

  /** Which of an incident's times the time line counts. */
  get clock() {
    return new FormData(this.form).get("clock") ?? "happened";
  }

  /** Set parameters that no field of the form holds, such as a range of time; `null` removes one. */
  set(values) {
    for (const [name, value] of Object.entries(values)) {
      if (value == null || value.length === 0) this.extra.delete(name);
      else this.extra.set(name, String(value));
    }
    this.#changed();
  }

  /** Take the values of an address, without telling anybody. */
  restore(asked) {
    const valuesOf = (name) => asked.getAll(name).flatMap((value) => value.split(","));
    for (const field of this.form.elements) {
      if (!OWN.includes(field.name)) continue;
      if (field.type === "checkbox") field.checked = valuesOf(field.name).includes(field.value);
      else field.value = asked.get(field.name) ?? (field.name === "clock" ? "happened" : "");
    }
    const held = OWN.filter((name) => asked.get(name) && !this.form.elements.namedItem(name));
    this.extra = new URLSearchParams(held.map((name) => [name, valuesOf(name).join(",")]));
    this.#count();
  }

  /** Choose everything again. */
  clear() {
    for (const field of this.form.elements) {
      if (field.type === "checkbox") field.checked = false;
      else if (field.name === "min_grade") field.value = "";
    }
    this.extra = new URLSearchParams();
    this.#changed();
  }

  #changed() {
    this.#count();
    this.form.dispatchEvent(new CustomEvent("filtered", { detail: this.parameters })); // for downloads
    this.onChange();
  }

  #count() {
    const active = [...this.parameters.keys()].filter((name) => name !== "clock").length;
    const badge = this.form.querySelector(".filters-count");
    badge.hidden = active === 0;
    badge.textContent = say("filters_active", { count: number(active) });
    this.form.querySelector(".filters-reset").hidden = active === 0;
  }

  /** Write beside each choice how many incidents it would show. */
  annotate(summary) {
    for (const [name, counts] of [["sector", summary.sectors], ["status", summary.statuses]]) {
      if (!counts) continue;
      for (const field of this.form.querySelectorAll(`input[name=${name}]`)) {
        const count = counts[field.value] ?? 0;
        const label = field.closest("label");
        label.querySelector(".chip-count").textContent = number(count);
        label.classList.toggle("is-empty", count === 0 && !field.checked);
      }
    }
  }
}
