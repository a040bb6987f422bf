// The case map's choice of base maps: satellite or drone pictures that the operator configured.
import L from "leaflet";

/** Follow the choice beside the map among `settings.grounds` and what the map has already, `own`. */
export async function followGround(map, own, { grounds, language, words }) {
  window.L = L; // protomaps-leaflet looks for it there
  const { groundLayer } = await import("../maps/ground-tiles.js");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const notice = document.querySelector(".case-ground [role=status]");
  let shown = own;
  const show = (name) => {
    const choice = grounds.find((ground) => ground.name === name);
    notice.hidden = true;
    shown?.remove();
    shown = choice ? groundLayer(choice, { language, dark, onFailure: () => failed(choice) }) : own;
    shown?.addTo(map).bringToBack?.();
  };
  const failed = ({ title }) => {
    notice.textContent = words.ground_failed.replace("%(name)s", title);
    notice.hidden = false;
  };
  for (const input of document.querySelectorAll("input[name=ground]")) {
    input.addEventListener("change", () => show(input.value));
    if (input.checked && input.value) show(input.value);
  }
}
