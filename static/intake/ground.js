// What lies under the pin: the built-in world, or the operator's own tiles in its place.
import L from "leaflet";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");
const VECTOR_TILES = 1; // in the header of a PMTiles file

/** Add the base map to `map`. */
export async function addGround(map, { world, basemap, language }) {
  return basemap ? addTiles(map, basemap, language) : addWorld(map, world);
}

async function addWorld(map, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const shapes = await answer.json();
  const layer = L.geoJSON(shapes, {
    renderer: L.canvas({ padding: 0.3 }),
    interactive: false,
    style: landStyle,
    attribution: "Natural Earth",
  });
  DARK.addEventListener("change", () => layer.setStyle(landStyle));
  return layer.addTo(map);
}

function landStyle({ properties }) {
  const tokens = getComputedStyle(document.documentElement);
  const line = tokens.getPropertyValue("--map-line").trim();
  if (properties.kind === "border") return { color: line, weight: 1, dashArray: "4 3", fill: false };
  return { color: line, weight: 1, fillColor: tokens.getPropertyValue("--map-land").trim(), fillOpacity: 1 };
}

async function addTiles(map, address, language) {
  window.L = L; // protomaps-leaflet looks for it there
  const [{ PMTiles, leafletRasterLayer }, { leafletLayer }] = await Promise.all([
    import("pmtiles"),
    import("protomaps-leaflet"),
  ]);
  const archive = new PMTiles(address);
  const { tileType, maxZoom } = await archive.getHeader();
  const options = { attribution: "" };
  if (tileType !== VECTOR_TILES) {
    return leafletRasterLayer(archive, { ...options, maxNativeZoom: maxZoom }).addTo(map);
  }
  const flavor = DARK.matches ? "dark" : "light";
  return leafletLayer({ ...options, url: archive, flavor, lang: language, maxDataZoom: maxZoom }).addTo(map);
}
