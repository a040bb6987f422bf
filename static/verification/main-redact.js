// Boxes over a picture: drawn with pointer or numbers, moved with arrow keys. The number fields are the truth.
const SIDES = ["left", "top", "width", "height"];
const STEP = 0.5; // percent by which an arrow key moves

const frame = document.getElementById("redact");
const rows = [...document.querySelectorAll("[data-box]")];
if (frame) start();

function start() {
  for (const row of rows) {
    row.addEventListener("input", draw);
    row.addEventListener("keydown", step);
  }
  if (frame.querySelector("img")) startDrawing();
  draw();
}

function field(row, side) {
  return row.querySelector(`[name="box_${side}"]`);
}

function numbers(row) {
  return SIDES.map((side) => Number.parseFloat(field(row, side).value.replace(",", ".")));
}

function draw() {
  for (const mark of frame.querySelectorAll(".redact-box")) mark.remove();
  for (const row of rows) {
    const sides = numbers(row);
    if (sides.some(Number.isNaN) || field(row, "page").value !== frame.dataset.page) continue;
    const mark = document.createElement("span");
    mark.className = "redact-box";
    SIDES.forEach((side, at) => (mark.style[side] = `${sides[at]}%`)); // a picture does not turn around
    frame.append(mark);
  }
}

function step(event) {
  const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
  const value = Number.parseFloat(event.target.value?.replace(",", "."));
  if (!by || Number.isNaN(value) || event.target.name === "box_page") return;
  event.preventDefault();
  event.target.value = Math.min(100, Math.max(0, value + by)).toFixed(2);
  draw();
}

function startDrawing() {
  let from = null;
  let row = null;
  frame.addEventListener("pointerdown", (event) => {
    row = rows.find((item) => numbers(item).every(Number.isNaN));
    if (!row) return;
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    from = place(event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = place(event);
    const sides = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    SIDES.forEach((side, at) => (field(row, side).value = sides[at].toFixed(2)));
    field(row, "page").value = frame.dataset.page;
    draw();
  });
  frame.addEventListener("pointerup", () => (from = null));
}

function place(event) {
  const box = frame.getBoundingClientRect();
  const within = (value) => Math.min(100, Math.max(0, value));
  return [within(((event.clientX - box.left) / box.width) * 100), within(((event.clientY - box.top) / box.height) * 100)];
}
