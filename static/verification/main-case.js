// One case by keyboard, and its map.
import { drawMap } from "./case-map.js";
import { listen } from "./keys.js";

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
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});
if (document.getElementById("case-map")) await drawMap(settings);
