// The view on paper: A4 or A3, upright or across, with title, legend, scale, north, date, source and a
// word on borders. The browser prints, or writes a PDF, as people are used to.
const MARGIN = 10; // millimetres
const PAPERS = { A4: [210, 297], A3: [297, 420] };
const BESIDE = 95; // millimetres that title, legend and foot take
const PATIENCE = 4000; // milliseconds for the tiles of the larger map

/** Print `page`'s map on `paper` (`A4`, `A3`), `turned` `portrait` or `landscape`. */
export async function printView(page, paper, turned) {
  const [width, height] = turned === "landscape" ? [...PAPERS[paper]].reverse() : PAPERS[paper];
  const { style } = document.body;
  style.setProperty("--sheet-width", `${width - 2 * MARGIN}mm`);
  style.setProperty("--sheet-height", `${height - 2 * MARGIN - BESIDE}mm`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page { size: ${width}mm ${height}mm; margin: ${MARGIN}mm; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const undo = dress(page);
  await drawn(page);
  window.addEventListener("afterprint", () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    undo();
  }, { once: true });
  window.print();
}

/** Give the page the sheet's shape; returns what takes it off again. */
function dress({ map }) {
  const legend = document.querySelector(".map-legend");
  const [wasOpen, bounds] = [legend.open, map.getBounds()];
  legend.open = true;
  document.body.classList.add("is-sheet");
  document.querySelector(".sheet-credit").textContent = map.attributionControl?.getContainer().textContent ?? "";
  map.invalidateSize({ animate: false });
  map.fitBounds(bounds, { animate: false });
  return () => {
    document.body.classList.remove("is-sheet");
    legend.open = wasOpen;
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { animate: false });
  };
}

function drawn({ map }) {
  const started = Date.now();
  const isBusy = () => Boolean(map.getContainer().querySelector(".leaflet-tile:not(.leaflet-tile-loaded)"));
  return new Promise((resolve) => {
    const look = () => (Date.now() - started > PATIENCE || (Date.now() - started > 600 && !isBusy()) ? resolve() : setTimeout(look, 100));
    look();
  });
}
