// The case's map: the incident, each report with its accuracy, and incidents nearby. Without it the
// page says the same in words.
import L from "leaflet";

/** Draw the map into `#case-map`; returns it. */
export async function drawMap(settings) {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name, fallback) => styles.getPropertyValue(name).trim() || fallback;
  const ink = colour("--ink", "#1c2630");
  const accent = colour("--accent", "#0d5c75");

  const map = L.map("case-map", { scrollWheelZoom: false, zoomSnap: 0.5, maxZoom: 19 });
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false }).addTo(map);
  const at = ([longitude, latitude]) => [latitude, longitude];
  map.setView(at(settings.incident), 15); // circles have bounds only on a map that has a view
  const drawn = [];
  const circle = (place, metres, options) => drawn.push(L.circle(at(place), { radius: metres, ...options }).addTo(map));

  for (const [longitude, latitude, metres] of settings.reports) {
    circle([longitude, latitude], Math.min(metres, 2000), { color: accent, weight: 1, fillOpacity: 0.08, interactive: false });
    L.circleMarker([latitude, longitude], { radius: 3, color: accent, fillOpacity: 1, interactive: false }).addTo(map);
  }
  for (const place of settings.around) {
    L.circleMarker(at(place), { radius: 5, color: ink, weight: 1, fillOpacity: 0.15, interactive: false }).addTo(map);
  }
  circle(settings.incident, settings.accuracy_m ?? 100, { color: ink, weight: 2, dashArray: "4 4", fill: false, interactive: false });
  L.circleMarker(at(settings.incident), { radius: 6, color: ink, weight: 2, fillColor: accent, fillOpacity: 1, interactive: false }).addTo(map);
  map.fitBounds(L.featureGroup(drawn).getBounds().pad(0.2), { maxZoom: 17 });

  const answer = await fetch(settings.areas, { credentials: "same-origin" });
  if (answer.ok) {
    L.geoJSON(await answer.json(), { style: { color: ink, weight: 1, opacity: 0.4, fill: false }, interactive: false }).addTo(map);
  }
  return map;
}
