// The report form's comforts: a pin on a map, the device's position, and no double sending.
// Without this script the form asks for the place in words.
import L from "leaflet";
import { addGround } from "./ground.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const settings = read("report-settings");
const texts = read("texts");
const find = (id) => document.getElementById(id);
const CLOSE_ZOOM = 16;
const POSITION_PATIENCE = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 };

class Place {
  constructor() {
    this.fields = { latitude: find("latitude"), longitude: find("longitude"), accuracy: find("accuracy") };
    this.said = find("place-said");
    find("place-frame").hidden = false;
    this.map = this.#makeMap();
    this.pin = null;
    this.circle = null;
    this.map.on("click", ({ latlng }) => this.set(latlng));
    find("use-centre").addEventListener("click", () => this.set(this.map.getCenter()));
    find("use-position").addEventListener("click", () => this.locate());
    find("remove-pin").addEventListener("click", () => this.remove());
    this.#restore();
    addGround(this.map, settings).catch((error) => console.warn(error));
  }

  #makeMap() {
    const [west, south, east, north] = settings.bounds;
    this.bounds = L.latLngBounds([south, west], [north, east]);
    const map = L.map("place-map", { zoomControl: false, minZoom: 2, maxZoom: 19, worldCopyJump: true });
    map.attributionControl.setPrefix(false);
    const position = document.documentElement.dir === "rtl" ? "topright" : "topleft";
    L.control.zoom({ position, zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    L.rectangle(this.bounds, { className: "crisis-box", interactive: false, fill: false }).addTo(map);
    return map.fitBounds(this.bounds);
  }

  #restore() {
    const { latitude, longitude, accuracy } = this.fields;
    if (latitude.value === "" || longitude.value === "") return;
    const at = L.latLng(Number(latitude.value), Number(longitude.value));
    this.set(at, Number(accuracy.value) || undefined);
    this.map.setView(at, CLOSE_ZOOM - 2);
  }

  set(latlng, accuracy, words = texts.pinned) {
    const at = latlng.wrap();
    this.fields.latitude.value = at.lat.toFixed(7);
    this.fields.longitude.value = at.lng.toFixed(7);
    this.fields.accuracy.value = accuracy ? Math.round(accuracy) : "";
    this.#draw(at, accuracy);
    this.said.textContent = this.bounds.contains(at) ? words : texts.outside;
    find("remove-pin").hidden = false;
  }

  #draw(at, accuracy) {
    if (!this.pin) {
      const icon = L.icon({ iconUrl: settings.pin, iconSize: [40, 52], iconAnchor: [20, 51] });
      this.pin = L.marker(at, { icon, draggable: true, autoPan: true, alt: texts.pin, title: texts.pin });
      this.pin.on("dragend", () => this.set(this.pin.getLatLng()));
      this.pin.addTo(this.map);
    }
    this.pin.setLatLng(at);
    this.circle?.remove();
    this.circle = accuracy ? L.circle(at, { radius: accuracy, className: "accuracy", interactive: false }) : null;
    this.circle?.addTo(this.map);
  }

  remove() {
    for (const field of Object.values(this.fields)) field.value = "";
    this.pin?.remove();
    this.circle?.remove();
    this.pin = this.circle = null;
    this.said.textContent = texts.removed;
    find("remove-pin").hidden = true;
    find("use-position").focus();
  }

  locate() {
    this.said.textContent = texts.asking;
    const found = ({ coords }) => {
      const at = L.latLng(coords.latitude, coords.longitude);
      const metres = Math.max(1, Math.round(coords.accuracy));
      this.set(at, metres, texts.found.replace("{metres}", metres.toLocaleString(settings.language)));
      this.map.setView(at, CLOSE_ZOOM);
    };
    const refused = () => {
      this.said.textContent = texts.refused;
    };
    if (!navigator.geolocation) return refused();
    return navigator.geolocation.getCurrentPosition(found, refused, POSITION_PATIENCE);
  }
}

function sendOnce(form) {
  const button = form.querySelector(".button-send");
  const words = button.textContent;
  form.addEventListener("submit", () => {
    button.textContent = button.dataset.sending;
    button.setAttribute("aria-disabled", "true");
    setTimeout(() => (button.disabled = true)); // after the browser has read the form
  });
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    button.removeAttribute("aria-disabled");
    button.textContent = words;
  });
}

find("error-summary")?.focus();
sendOnce(find("report-form"));
new Place();
