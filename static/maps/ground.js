// What lies under the incidents: the built-in world, or the operator's own tiles in its place.
import { PMTiles, leafletRasterLayer } from "pmtiles";
import { leafletLayer } from "protomaps-leaflet";
import { getJson } from "./answers.js";
import { landStyle } from "./style.js";
import { say } from "./words.js";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** Add the base map to `group`; returns a function that draws it again in the colours of now. */
export async function addGround(map, group, settings) {
  const pane = map.createPane("ground");
  pane.style.zIndex = 100;
  const make = settings.basemap ? tilesOf : worldOf;
  let layer = await make(map, settings);
  group.addLayer(layer);
  return async () => {
    if (!settings.basemap) return layer.setStyle(landStyle);
    if (settings.basemap.kind !== "vector") return undefined;
    group.removeLayer(layer);
    layer = await make(map, settings);
    return group.addLayer(layer);
  };
}

async function worldOf(map, settings) {
  const world = await getJson(settings.world);
  return window.L.geoJSON(world, {
    pane: "ground",
    renderer: window.L.canvas({ pane: "ground", padding: 0.3 }),
    interactive: false,
    style: landStyle,
    attribution: say("ground_credit"),
  });
}

/** An operator's PMTiles file: pictures as they are, vectors in the library's own quiet style. */
async function tilesOf(_map, { basemap, language }) {
  const archive = new PMTiles(basemap.url);
  const common = { pane: "ground", attribution: await creditOf(archive) };
  if (basemap.kind === "raster") return leafletRasterLayer(archive, { ...common, maxNativeZoom: basemap.maxZoom });
  const flavor = DARK.matches ? "dark" : "light";
  return leafletLayer({ ...common, flavor, lang: language, maxDataZoom: basemap.maxZoom, url: archive });
}

/** Whom the file credits, as words alone: Leaflet sets an attribution as markup. */
async function creditOf(archive) {
  const { attribution } = await archive.getMetadata().catch(() => ({}));
  const { body } = new DOMParser().parseFromString(String(attribution ?? ""), "text/html");
  return body.textContent.slice(0, 200).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
