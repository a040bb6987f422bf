// One case: its keys, its map and its photos.
import { listen, ready } from "./keys.js";
import { startPhotos, unveilAll } from "./photos.js";

const settings = JSON.parse(document.getElementById("case-settings").textContent);

/** Open a decision's form and go to its first field. */
function open(kind) {
  const form = document.querySelector(`[data-kind="${kind}"]`);
  if (!form) return;
  form.open = true;
  form.querySelector("select, input:not([type=hidden]), textarea").focus();
}

listen({
  v: () => open("verify"),
  t: () => open("triage"),
  r: () => open("reject"),
  u: () => open("unverifiable"),
  d: () => open("dispute"),
  m: () => document.getElementById("comment-text").focus(),
  g: unveilAll,
  b: () => document.getElementById("mono")?.click(),
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});
document.getElementById("error-summary")?.focus();
ready();

// Leaflet is most of the page's weight, so that keys and forms do not wait for it.
const map = document.getElementById("case-map") && (await (await import("./case-map.js")).drawMap(settings));
startPhotos(settings, map);
