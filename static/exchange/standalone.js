// The stand-alone map's own script: draws the file's data into the layers that folium made. Texts are set
// as text; nothing is fetched. Inlined by mapper/exchange/standalone.py.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const map = window.map_crisis;
  const canvas = L.canvas({ padding: 0.5 });

  const gradeOf = (low, high) => (low == null || high == null ? null : Math.floor((low + high + 1) / 2));

  function styleOf(low, high) {
    const grade = gradeOf(low, high);
    const known = grade != null;
    return {
      renderer: canvas,
      color: "rgb(28,38,48)",
      weight: known ? 1 : 1.5,
      dashArray: known ? null : "2 2",
      fillColor: known ? data.ramp[grade] : "white",
      fillOpacity: 0.85,
    };
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function popupOf(title, lines) {
    const box = document.createElement("div");
    const facts = document.createElement("dl");
    for (const [label, text] of lines) facts.append(element("dt", label), element("dd", text));
    box.append(element("h2", title), facts);
    return box;
  }

  const withPopup = (layer, title, lines) => layer.bindPopup(() => popupOf(title, lines), { maxHeight: 260 });

  const kinds = {
    areas: ([shape, low, high, title, lines]) => {
      const drawn = L.geoJSON(shape, { style: { ...styleOf(low, high), fillOpacity: 0.6 } });
      return withPopup(drawn, title, lines);
    },
    squares: ([southWest, northEast, low, high, title, lines]) =>
      withPopup(L.rectangle([southWest, northEast], styleOf(low, high)), title, lines),
    points: ([latitude, longitude, low, high, title, lines]) =>
      withPopup(L.circleMarker([latitude, longitude], { ...styleOf(low, high), radius: 6 }), title, lines),
  };

  for (const { kind, shape } of data.ground ?? []) {
    const look =
      kind === "land"
        ? { stroke: false, fillColor: "rgb(247,245,239)", fillOpacity: 1 }
        : { color: "rgb(150,150,150)", weight: 1, fill: false };
    L.geoJSON(shape, { interactive: false, style: { ...look, renderer: canvas } }).addTo(map);
  }
  if (data.outlines) {
    const look = { color: "rgb(110,120,130)", weight: 1, fill: false, renderer: canvas };
    L.geoJSON(data.outlines, { interactive: false, style: look }).addTo(map);
  }
  for (const [code, items] of Object.entries(data.layers)) {
    const group = window[`feature_group_${code}`];
    const make = kinds[code] ?? kinds.points;
    for (const item of items) make(item).addTo(group);
  }
  const name = (selector, words) => {
    const control = document.querySelector(selector);
    control?.setAttribute("aria-label", words);
    control?.setAttribute("title", words);
  };
  name(".leaflet-control-zoom-in", data.words.zoom_in);
  name(".leaflet-control-zoom-out", data.words.zoom_out);
  name(".leaflet-control-layers-toggle", data.words.layers);
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.fitBounds(data.bounds);
})();
