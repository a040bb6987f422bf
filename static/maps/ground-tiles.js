// A base map that the operator configured, as a layer of Leaflet: its tiles come through our own server.
import { leafletLayer } from "protomaps-leaflet";

const DEEPEST = 22;

/**
 * Return the layer of `choice`, `{kind, tiles, maxZoom, attribution}`, in `pane` (Leaflet's own where none
 * is given). `onFailure()` is called when a tile does not come, `onLoad()` when one does.
 */
export function groundLayer(choice, { pane = "tilePane", language, dark, onFailure, onLoad = () => {} }) {
  const common = { pane, attribution: asWords(choice.attribution), noWrap: true };
  const layer =
    choice.kind === "raster"
      ? window.L.tileLayer(choice.tiles, { ...common, maxZoom: DEEPEST, maxNativeZoom: choice.maxZoom })
      : leafletLayer({ ...common, url: choice.tiles, flavor: dark ? "dark" : "light", lang: language, maxDataZoom: choice.maxZoom });
  layer.on("tileerror", onFailure);
  layer.on("tileload", onLoad);
  return layer;
}

/** A credit as words alone: Leaflet sets an attribution as markup. */
function asWords(credit) {
  const { body } = new DOMParser().parseFromString(String(credit ?? ""), "text/html");
  return body.textContent.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
