// Choosing among the base maps: the one the page came with, and those the operator configured.
import { groundLayer } from "./ground-tiles.js";
import { say } from "./words.js";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** Listen to the choice of base maps in `root`, if there is one; `onChange()` after another one is shown. */
export function pickGround(root, map, group, settings, onChange) {
  const notice = root.querySelector(".layer-failure");
  let shown = null;
  let own = [];
  const show = (name) => {
    const choice = settings.grounds.find((ground) => ground.name === name);
    notice.hidden = true;
    if (shown) group.removeLayer(shown);
    else own = group.getLayers();
    shown = choice ? groundLayer(choice, { pane: "ground", language: settings.language, dark: DARK.matches, ...reports(choice) }) : null;
    for (const layer of own) (shown ? group.removeLayer(layer) : group.addLayer(layer));
    if (shown) group.addLayer(shown);
    settings.chosenGround = choice ?? null;
    onChange();
  };
  const reports = ({ title }) => ({
    onFailure: () => {
      notice.textContent = say("ground_failed", { name: title });
      notice.hidden = false;
    },
    onLoad: () => {
      notice.hidden = true;
    },
  });
  for (const input of root.querySelectorAll("input[name=ground]")) {
    input.addEventListener("change", () => show(input.value));
    if (input.checked && input.value) show(input.value); // the browser kept it over a reload
  }
}
