// The door to the tools: they are loaded when first opened, asked for by a key, or named by the address.
import { Player } from "./play.js";

const KEYS = { m: "line", g: "area", d: "choose" };

/** Watch the keys of the page and open its tools when wanted. */
export class Keys {
  constructor(page, screen) {
    Object.assign(this, { page, screen, root: screen.querySelector(".tools") });
    this.player = new Player(screen.querySelector(".time-play"), page.time);
    this.root.addEventListener("toggle", () => this.#tools(), { once: true });
    document.addEventListener("keydown", (event) => this.#pressed(event));
    this.restore();
  }

  /** Follow the address: what it compares or has drawn needs the tools. */
  async restore() {
    if (this.page.tools) this.page.tools.restore();
    else if (this.page.compared || this.page.filters.parameters.has("filter")) (await this.#tools()).root.open = true;
  }

  #tools() {
    const places = this.screen.querySelector(".search").dataset.places;
    this.loading ??= import("./tools.js").then(({ Tools }) => (this.page.tools = new Tools(this.page, this.root, places)));
    return this.loading;
  }

  async #pressed(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    if (key === "/" || key === "?" || key.toLowerCase() === "l" || key.toLowerCase() === "p") event.preventDefault();
    if (key === "/") this.screen.querySelector(".search input").focus();
    else if (key === "?") this.#showKeys();
    else if (key.toLowerCase() === "l") this.screen.querySelector(".list-count").focus();
    else if (key.toLowerCase() === "p") this.player.toggle();
    else if (key === "Escape") this.#escape();
    else if (this.root.querySelector(`[data-tool=${KEYS[key.toLowerCase()] ?? "none"}]`)) (await this.#tools()).use(KEYS[key.toLowerCase()]);
  }

  #showKeys() {
    const sheet = this.root.querySelector(".keys").closest("details");
    this.root.open = sheet.open = true;
    sheet.querySelector("summary").focus();
  }

  #escape() {
    this.player.stop();
    this.page.tools?.sketch.clear();
  }
}
