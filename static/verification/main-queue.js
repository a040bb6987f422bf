// The queue by keyboard: walk through the rows, claim, open. Without it every row is a link all the same.
import { announce, listen, ready, send } from "./keys.js";

const words = JSON.parse(document.getElementById("desk-words").textContent);
const rows = [...document.querySelectorAll("tr[data-case]")];
const linkOf = (row) => row.querySelector(".case-link");
const here = () => rows.findIndex((row) => row.contains(document.activeElement));

function go(step) {
  if (!rows.length) return;
  const at = here();
  const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
  linkOf(rows[to]).focus();
}

async function claim() {
  const row = rows[here()];
  if (!row) return;
  const isMine = row.dataset.mine === "yes";
  const answer = await send(row.dataset.claim, isMine ? { release: "1" } : {}).catch(() => null);
  const problem = answer && !answer.ok ? (await answer.json().catch(() => ({}))).detail : "";
  if (answer?.ok) row.dataset.mine = isMine ? "" : "yes";
  const text = answer?.ok ? (isMine ? words.released : words.claimed) : problem || words.failed;
  row.querySelector(".claimed").textContent = text;
  announce(text);
}

listen({
  j: () => go(1),
  k: () => go(-1),
  c: claim,
  x: () => rows[here()]?.querySelector("input[type=checkbox]")?.click(),
  "/": () => {
    document.getElementById("filters").open = true;
    document.getElementById("state").focus();
  },
});
ready();
