// Single keys of a page, with the sheet that lists them. They sleep while somebody types, and can be
// switched off on this device (WCAG 2.1.4); `?` and the button still open the sheet.
const OFF = "desk-keys-off";
const TYPES = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";

/** Listen for keys: `handlers` maps a key to what it does; elements with `data-key` are clicked or focused. */
export function listen(handlers) {
  const sheet = document.getElementById("keys");
  const isOn = document.getElementById("keys-on");
  isOn.checked = remembered() !== "off";
  isOn.addEventListener("change", () => remember(isOn.checked ? "on" : "off"));
  for (const button of document.querySelectorAll("[data-opens-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target.matches(TYPES)) return event.target.blur();
    if (event.target.matches(TYPES) || sheet.open) return;
    if (event.key === "?") return act(event, () => sheet.showModal());
    if (!isOn.checked) return;
    const handler = handlers[event.key] ?? pressed(event.key);
    if (handler) act(event, handler);
  });
}

/** Mark the page as ready for keys, for scripts that drive it. */
export function ready() {
  document.documentElement.dataset.ready = "keys";
}

/** Say something to those who hear the page. */
export function announce(text) {
  document.getElementById("desk-status").textContent = text;
}

/** Send a form's values as the page itself would; returns the answer. */
export function send(address, values) {
  const body = new URLSearchParams(values);
  body.set("csrf_token", document.querySelector("meta[name=csrf-token]").content);
  return fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
}

function act(event, handler) {
  event.preventDefault();
  handler();
}

function pressed(key) {
  const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
  return target && (() => target.click());
}

function remembered() {
  try {
    return localStorage.getItem(OFF);
  } catch {
    return null; // storage can be forbidden; then keys are on
  }
}

function remember(value) {
  try {
    localStorage.setItem(OFF, value);
  } catch {
    // it holds for this page then
  }
}
