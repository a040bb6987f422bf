// The map of a file's first rows. The table says the same; without this script nothing is missing.
import L from "leaflet";
import { addGround } from "./ground.js";

const settings = JSON.parse(document.getElementById("import-settings").textContent);
const [west, south, east, north] = settings.bounds;
const map = L.map("import-map", { scrollWheelZoom: false, zoomControl: false, minZoom: 2, maxZoom: 19 });
map.attributionControl.setPrefix(false);
const position = document.documentElement.dir === "rtl" ? "topright" : "topleft";
L.control.zoom({ position, zoomInTitle: settings.zoomIn, zoomOutTitle: settings.zoomOut }).addTo(map);
L.control.scale({ imperial: false }).addTo(map);
const box = L.rectangle(L.latLngBounds([south, west], [north, east]), { className: "crisis-box", interactive: false, fill: false });
box.addTo(map);

const pins = settings.points.map(({ row, at: [longitude, latitude], flag }) => {
  const icon = L.divIcon({ className: flag ? "row-pin row-pin-odd" : "row-pin", html: String(row), iconSize: [26, 26] });
  return L.marker([latitude, longitude], { icon, keyboard: false, interactive: false }).addTo(map);
});
map.fitBounds(L.featureGroup([box, ...pins]).getBounds(), { padding: [20, 20], maxZoom: 14 });
addGround(map, settings).catch((error) => console.warn(error));

const answer = await fetch(settings.areas, { credentials: "same-origin" });
if (answer.ok) {
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
  L.geoJSON(await answer.json(), { style: { color: ink, weight: 1, opacity: 0.4, fill: false }, interactive: false }).addTo(map);
}
