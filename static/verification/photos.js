// Photos: unveil all, black and white (remembered on this device), zoom, and pins that link a point in a
// photo with a point on the map. Without it each photo opens by its own summary, and pins take numbers.
const MONO = "desk-mono";
const LARGEST = 8;

/** Start what the page's photos can do. `map` is null where the incident has no position. */
export function startPhotos(settings, map) {
  rememberMono();
  for (const photo of document.querySelectorAll(".photo")) startZoom(photo);
  const all = document.querySelector("[data-unveil]");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", unveilAll);
  }
  for (const pin of settings.pins) drawPin(pin);
  if (map) startPins(settings.words, map);
  showDuplicates();
}

/** Show every photo, or veil them all where one is shown. */
export function unveilAll() {
  const veils = [...document.querySelectorAll(".veil")];
  const show = !veils.some((veil) => veil.open);
  for (const veil of veils) veil.open = show;
}

function rememberMono() {
  const mono = document.getElementById("mono");
  if (!mono) return;
  try {
    mono.checked = localStorage.getItem(MONO) === "yes";
    mono.addEventListener("change", () => localStorage.setItem(MONO, mono.checked ? "yes" : "no"));
  } catch {
    // storage can be forbidden; then the choice holds for this page
  }
}

function startZoom(photo) {
  const tools = photo.querySelector("[data-zoom]");
  if (!tools) return;
  const canvas = photo.querySelector(".canvas");
  let scale = 1;
  tools.hidden = false;
  for (const button of tools.querySelectorAll("[data-zoom-by]")) {
    button.addEventListener("click", () => {
      scale = Math.min(LARGEST, Math.max(1, scale * Number(button.dataset.zoomBy)));
      canvas.style.inlineSize = `${scale * 100}%`;
    });
  }
}

function drawPin({ number, medium, x, y }) {
  const canvas = document.querySelector(`.photo[data-medium="${medium}"] .canvas`);
  if (!canvas) return;
  const mark = document.createElement("span");
  mark.className = "photo-pin";
  mark.textContent = number;
  mark.style.left = `${x * 100}%`; // a photo does not turn around where the page does
  mark.style.top = `${y * 100}%`;
  canvas.append(mark);
}

function startPins(words, map) {
  const form = document.getElementById("pin-form");
  const say = (text) => (document.getElementById("pin-words").textContent = text);
  let waiting = null; // the photo whose point is wanted
  for (const button of document.querySelectorAll("[data-pin]")) {
    button.addEventListener("click", () => {
      waiting = waiting === button ? null : button;
      for (const other of document.querySelectorAll("[data-pin]")) other.setAttribute("aria-pressed", other === waiting);
      say(waiting ? words.pin_map : "");
    });
    const canvas = button.closest(".photo").querySelector(".canvas");
    canvas.addEventListener("click", (event) => {
      if (waiting !== button) return;
      const box = canvas.getBoundingClientRect();
      form.elements.medium.value = button.closest(".photo").dataset.medium;
      form.elements.x.value = ((event.clientX - box.left) / box.width).toFixed(5);
      form.elements.y.value = ((event.clientY - box.top) / box.height).toFixed(5);
      say(words.pin_photo);
      document.getElementById("case-map").scrollIntoView({ block: "center" });
    });
  }
  map.on("click", ({ latlng }) => {
    if (!waiting || !form.elements.x.value) return;
    form.elements.longitude.value = latlng.lng.toFixed(7);
    form.elements.latitude.value = latlng.lat.toFixed(7);
    form.requestSubmit();
  });
}

/** Look for the same photos elsewhere after the page is there: it reads every photo's mark of the crisis. */
async function showDuplicates() {
  const place = document.getElementById("duplicates");
  const link = place?.querySelector("a");
  if (!link) return;
  const answer = await fetch(link.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("fragment");
  if (found) place.replaceChildren(document.adoptNode(found));
}
