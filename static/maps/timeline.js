// The time line: bars of how many incidents, and a range over them that two sliders set.
import { make } from "./elements.js";
import { number, say, span } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** The control in `root`. `onChange(range)` gets `{first, last}` as bars, or null for all of time. */
export class TimeLine {
  constructor(root, onChange) {
    Object.assign(this, { root, onChange, bars: [] });
    [this.start, this.end] = root.querySelectorAll("input[type=range]");
    this.chart = root.querySelector(".time-bars");
    this.output = root.querySelector("output");
    this.reset = root.querySelector(".time-reset");
    for (const slider of [this.start, this.end]) {
      slider.addEventListener("input", () => this.#moved(slider));
      slider.addEventListener("change", () => this.#settled());
    }
    this.reset.addEventListener("click", () => this.all());
  }

  /** Show new bars, `[{start, end, count}]`; a range that was set stays on its dates. */
  show(bars) {
    this.bars = bars;
    if (this.weeks) this.#weeksAsRange();
    const { first, last } = this.range ?? {};
    this.root.hidden = bars.length < 2;
    if (this.root.hidden) return;
    const from = first ? bars.findIndex((bar) => bar.end > first.start) : 0;
    const to = last ? bars.findLastIndex((bar) => bar.start <= last.start) : bars.length - 1;
    for (const slider of [this.start, this.end]) slider.max = bars.length - 1;
    this.start.value = Math.max(0, from);
    this.end.value = Math.max(0, to);
    this.#draw();
  }

  /** Take the range of an address: `from` and `to`, or weeks; the bars that come next show it. */
  restore(asked) {
    const [from, to] = [asked.get("from"), asked.get("to")];
    this.weeks = asked.get("week")?.split(",");
    this.range = from || to ? { first: { start: from ?? "" }, last: { start: to ?? "9999" } } : null;
  }

  #weeksAsRange() {
    const chosen = this.bars.filter(({ week }) => this.weeks.includes(week));
    this.weeks = undefined;
    if (chosen.length) this.range = { first: chosen[0], last: chosen.at(-1) };
  }

  /** Take all of time again. */
  all() {
    this.start.value = 0;
    this.end.value = this.bars.length - 1;
    this.#draw();
    this.#settled();
  }

  /** Begin to play: from the first bar, as wide as the range that is chosen. */
  rewind() {
    const [from, to] = this.#indices;
    const width = from === 0 && to === this.bars.length - 1 ? 0 : to - from;
    if (to < this.bars.length - 1) return;
    this.#go(0, width);
  }

  /** Move the range by one bar; false at the end. */
  step() {
    const [from, to] = this.#indices;
    if (to >= this.bars.length - 1) return false;
    this.#go(from + 1, to + 1);
    return true;
  }

  #go(from, to) {
    [this.start.value, this.end.value] = [from, to];
    this.#draw();
    this.#settled();
  }

  get #indices() {
    return [Number(this.start.value), Number(this.end.value)];
  }

  #moved(slider) {
    const [from, to] = this.#indices;
    if (from > to) slider.value = slider === this.start ? to : from;
    this.#draw();
  }

  #settled() {
    const [from, to] = this.#indices;
    const isAll = from === 0 && to === this.bars.length - 1;
    this.range = isAll ? null : { first: this.bars[from], last: this.bars[to] };
    this.onChange(this.range);
  }

  #draw() {
    const [from, to] = this.#indices;
    const most = Math.max(1, ...this.bars.map(({ count }) => count));
    const marks = this.bars.map(({ count }, n) => {
      const height = count && Math.max(4, (100 * count) / most);
      const bar = document.createElementNS(SVG, "rect");
      const place = { x: n + 0.08, y: 100 - height, width: 0.84, height };
      for (const [name, value] of Object.entries(place)) bar.setAttribute(name, value);
      bar.setAttribute("class", n >= from && n <= to ? "is-in" : "is-out");
      return bar;
    });
    this.chart.setAttribute("viewBox", `0 0 ${this.bars.length} 100`);
    this.chart.replaceChildren(...marks);
    this.#speak(from, to);
  }

  #speak(from, to) {
    const inside = this.bars.slice(from, to + 1).reduce((sum, { count }) => sum + count, 0);
    const lastDay = new Date(Date.parse(this.bars[to].end) - 1000);
    this.output.replaceChildren(
      make("strong", {}, span(this.bars[from].start, lastDay)),
      ` · ${say("count_incidents", { count: number(inside) })}`,
    );
    this.start.setAttribute("aria-valuetext", span(this.bars[from].start, this.bars[from].start));
    this.end.setAttribute("aria-valuetext", span(lastDay, lastDay));
    this.reset.hidden = from === 0 && to === this.bars.length - 1;
  }
}
