// On a phone the panel is a sheet at the bottom with three heights; its handle is dragged or pressed.
const HEIGHTS = ["low", "half", "full"];
const DRAG = 24; // pixels that make a press a drag

/** Let the panel's handle change its height. */
export function makeSheet(panel, handle) {
  const at = () => HEIGHTS.indexOf(panel.dataset.height);
  const go = (index) => {
    panel.dataset.height = HEIGHTS[Math.max(0, Math.min(HEIGHTS.length - 1, index))];
    handle.setAttribute("aria-expanded", String(at() > 0));
  };
  let pressed = null;
  handle.addEventListener("pointerdown", (event) => {
    pressed = event.clientY;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointerup", (event) => {
    const moved = event.clientY - pressed;
    if (Math.abs(moved) >= DRAG) go(at() + (moved < 0 ? 1 : -1));
    else go((at() + 1) % HEIGHTS.length);
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step) go(at() + step);
    else if (event.key === "Enter" || event.key === " ") go((at() + 1) % HEIGHTS.length);
    else return;
    event.preventDefault();
  });
  go(1);
  return { lower: () => go(Math.min(at(), 1)), low: () => go(0) };
}
