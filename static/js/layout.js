// The boxes of the mixed picture can be moved and resized, by pointer and by keyboard; the numbers of the form follow.
(() => {
  const STEP = 8;
  const LEAST = 2;
  let drag = null;

  const fieldOf = (box, name) => document.getElementsByName(`${box.dataset.row}.LayoutParams.${name}`)[0];
  const drawnAt = (box) => ({ x: +box.dataset.x, y: +box.dataset.y, w: +box.dataset.w, h: +box.dataset.h });
  // Where a box was moved to since the server drew it; a new picture brings new boxes.
  const moved = new WeakMap();
  const placeOf = (box) => moved.get(box) ?? drawnAt(box);
  const within = (value, low, high) => Math.round(Math.max(low, Math.min(value, Math.max(low, high))));

  const fit = (svg, place) => {
    const width = +svg.dataset.width;
    const height = +svg.dataset.height;
    const w = within(place.w, LEAST, width);
    const h = within(place.h, LEAST, height);
    return { x: within(place.x, 0, width - w), y: within(place.y, 0, height - h), w, h };
  };

  const show = (box, to) => {
    const from = drawnAt(box);
    const scale = `scale(${to.w / from.w} ${to.h / from.h})`;
    box.setAttribute("transform", `translate(${to.x} ${to.y}) ${scale} translate(${-from.x} ${-from.y})`);
  };

  const keep = (box, place) => {
    moved.set(box, place);
    show(box, place);
    const values = { X: place.x, Y: place.y, Width: place.w, Height: place.h };
    let last = null;
    for (const [name, value] of Object.entries(values)) {
      const field = fieldOf(box, name);
      if (!field || field.value === String(value)) continue;
      // An empty offset is 0 already.
      if (value === 0 && field.value === "") continue;
      field.value = value;
      last = field;
    }
    last?.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const point = (svg, event) => {
    const matrix = svg.getScreenCTM();
    return { x: (event.clientX - matrix.e) / matrix.a, y: (event.clientY - matrix.f) / matrix.d };
  };

  document.addEventListener("pointerdown", (event) => {
    const box = event.target.closest?.("[data-mix] [data-row]");
    if (!box || event.button) return;
    event.preventDefault();
    box.focus();
    const svg = box.ownerSVGElement;
    const from = placeOf(box);
    drag = { box, svg, from, to: from, start: point(svg, event), sizes: event.target.hasAttribute("data-handle") };
    box.setPointerCapture(event.pointerId);
    box.classList.add("is-moving");
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { box, svg, from, start, sizes } = drag;
    const now = point(svg, event);
    const dx = now.x - start.x;
    const dy = now.y - start.y;
    if (sizes) {
      const right = +svg.dataset.width - from.x;
      const below = +svg.dataset.height - from.y;
      drag.to = { ...from, w: within(from.w + dx, LEAST, right), h: within(from.h + dy, LEAST, below) };
    } else drag.to = fit(svg, { ...from, x: from.x + dx, y: from.y + dy });
    show(box, drag.to);
  });

  const drop = (event) => {
    if (!drag) return;
    const { box, from, to } = drag;
    drag = null;
    box.classList.remove("is-moving");
    if (event.type === "pointercancel") show(box, from);
    else keep(box, to);
  };
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);

  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-mix] [data-row]");
    const move = MOVES[event.key];
    if (!box || !move || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const step = event.shiftKey ? 1 : STEP;
    const from = placeOf(box);
    const [dx, dy] = [move[0] * step, move[1] * step];
    const wanted = event.altKey ? { ...from, w: from.w + dx, h: from.h + dy } : { ...from, x: from.x + dx, y: from.y + dy };
    keep(box, fit(box.ownerSVGElement, wanted));
  });

  // A box that is being dragged is not replaced under the hand.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (drag && event.detail.target.id === "start-preview") event.detail.shouldSwap = false;
  });
})();
