// Playing time: the chosen range walks along the bars, or the first bar does where all of time is chosen.
const STEP = 1200; // milliseconds for one bar

/** Play `time` with a button; a second press, a hidden page or the end stops it. */
export class Player {
  constructor(button, time) {
    Object.assign(this, { button, time });
    button.hidden = false;
    button.addEventListener("click", () => this.toggle());
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  toggle() {
    if (this.ticking) return this.stop();
    this.button.setAttribute("aria-pressed", "true");
    this.time.rewind();
    this.ticking = setInterval(() => this.time.step() || this.stop(), STEP);
    return undefined;
  }

  stop() {
    clearInterval(this.ticking);
    this.ticking = null;
    this.button.setAttribute("aria-pressed", "false");
  }
}
