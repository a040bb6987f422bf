// The case's map: the incident, each report with its accuracy, incidents and facilities nearby, the
// direction of shadows, and pins. Without it the page says the same in words.
import L from "leaflet";
import { addGround } from "../intake/ground.js";
import { followGround } from "./case-grounds.js";

const MOST_METRES = 2000; // wider circles hide what lies in them
const SHADOW_PIXELS = 90;
const at = ([longitude, latitude]) => [latitude, longitude];

/** Draw the map into `#case-map`; returns it. */
export async function drawMap(settings) {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => styles.getPropertyValue(name).trim();
  const [ink, accent, warn] = ["--ink", "--accent", "--warn"].map(colour);
  const map = L.map("case-map", { scrollWheelZoom: false, zoomSnap: 0.5, maxZoom: 21 });
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false }).addTo(map);
  map.setView(at(settings.incident), 15); // circles have bounds only on a map that has a view
  const own = settings.basemap && (await addGround(map, settings).catch(() => undefined)); // the page says the rest
  if (settings.grounds.length) await followGround(map, own, settings);
  const fixed = (options) => ({ ...options, interactive: false });
  const dot = (place, options) => L.circleMarker(at(place), fixed(options)).addTo(map);
  const drawn = settings.reports.map(([longitude, latitude, metres]) => {
    dot([longitude, latitude], { radius: 3, color: accent, fillOpacity: 1 });
    const radius = Math.min(metres, MOST_METRES);
    return L.circle([latitude, longitude], fixed({ radius, color: accent, weight: 1, fillOpacity: 0.08 })).addTo(map);
  });
  for (const place of settings.facilities) dot(place, { radius: 4, color: warn, weight: 2, fillOpacity: 0.9 });
  for (const place of settings.around) dot(place, { radius: 5, color: ink, weight: 1, fillOpacity: 0.15 });
  const reach = fixed({ radius: settings.accuracy_m ?? 100, color: ink, weight: 2, dashArray: "4 4", fill: false });
  drawn.push(L.circle(at(settings.incident), reach).addTo(map));
  dot(settings.incident, { radius: 6, color: ink, weight: 2, fillColor: accent, fillOpacity: 1 });
  for (const { number, place } of settings.pins) {
    const icon = L.divIcon({ className: "map-pin", html: String(Number(number)), iconSize: [22, 22] });
    drawn.push(L.marker(at(place), fixed({ icon, keyboard: false })).addTo(map));
  }
  map.fitBounds(L.featureGroup(drawn).getBounds().pad(0.2), { maxZoom: 17 });
  if (settings.shadow !== null) drawShadow(map, settings, ink);
  addAreas(map, settings.areas, ink);
  return map;
}

/** A line from the incident towards which shadows fall, equally long at every zoom. */
function drawShadow(map, { incident, shadow }, color) {
  const line = L.polyline([], { color, weight: 3, opacity: 0.55, interactive: false }).addTo(map);
  const draw = () => {
    const start = map.latLngToLayerPoint(at(incident));
    const angle = (shadow * Math.PI) / 180;
    const end = start.add([Math.sin(angle) * SHADOW_PIXELS, -Math.cos(angle) * SHADOW_PIXELS]);
    line.setLatLngs([at(incident), map.layerPointToLatLng(end)]);
  };
  map.on("zoomend", draw);
  draw();
}

async function addAreas(map, address, color) {
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  L.geoJSON(await answer.json(), { style: { color, weight: 1, opacity: 0.4, fill: false }, interactive: false }).addTo(map);
}
