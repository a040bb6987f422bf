// Watches an import: asks how far it is every second, and loads the page again when it is over.
const settings = JSON.parse(document.getElementById("progress-settings").textContent);
const find = (id) => document.getElementById(id);
const COUNTS = ["read", "accepted", "duplicates", "rejected", "needs_location"];
const PAUSE_MS = 1000;
const FAILED_PAUSE_MS = 5000;

async function look() {
  const answer = await fetch(settings.address, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${settings.address}: ${answer.status}`);
  const now = await answer.json();
  if (now.is_over) return location.reload();
  if (find("state").textContent !== now.state) find("state").textContent = now.state;
  for (const name of COUNTS) find(name).textContent = now[name].toLocaleString(settings.language);
  const bar = find("bar");
  if (bar) bar.value = now.read;
  return setTimeout(again, PAUSE_MS);
}

function again() {
  look().catch((error) => {
    console.warn(error);
    setTimeout(again, FAILED_PAUSE_MS);
  });
}

again();
