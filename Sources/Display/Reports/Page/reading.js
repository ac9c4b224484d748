// Reading points of a chart and zooming, by pointer, touch and keyboard.

Object.assign(Chart.prototype, {
  listen() {
    let start = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button === 0) start = this.position(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const now = this.position(event);
      if (start) this.select(start, now);
      else this.read(this.nearest(now));
    });
    window.addEventListener("pointerup", (event) => {
      if (!start) return;
      const end = this.position(event);
      const isDrag = Math.abs(end[0] - start[0]) > 8;
      if (isDrag) this.zoomTo(start, end);
      else this.read(this.nearest(start));
      start = null;
      this.selection.setAttribute("width", 0);
    });
    this.canvas.addEventListener("pointercancel", () => {
      start = null;
      this.selection.setAttribute("width", 0);
    });
    this.canvas.addEventListener("pointerleave", () => {
      if (!start && document.activeElement !== this.root) this.read(null);
    });
    this.canvas.addEventListener("dblclick", () => this.unzoom());
    this.root.addEventListener("keydown", (event) => {
      if (event.target === this.root && this.press(event.key)) event.preventDefault();
    });
    this.root.addEventListener("blur", () => this.read(null));
  },

  // The pointer's position in the units of the drawing.
  position(event) {
    const box = this.svg.getBoundingClientRect();
    const scale = this.size.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  },

  nearest([x, y]) {
    let best = null;
    for (const curve of this.visible().filter((curve) => curve.describe)) {
      for (const [index, point] of curve.points.entries()) {
        if (point[0] < this.x.low || point[0] > this.x.high) continue;
        const [px, py] = this.place(...point);
        const distance = (px - x) * (px - x) + (py - y) * (py - y);
        if (best === null || distance < best.distance) best = { curve, index, distance };
      }
    }
    return best;
  },

  read(focus, isSpoken = false) {
    this.focus = focus;
    this.showFocus();
    if (focus && isSpoken) announce(focus.curve.describe(focus.index).join(", "));
  },

  showFocus() {
    this.marker?.replaceChildren();
    // A redraw makes new curve objects, so the current curve is found by its name.
    const curve = this.focus && this.visible().find((curve) => curve.id === this.focus.curve.id);
    this.tip.hidden = !curve;
    if (!curve) return;
    const [x, y] = this.place(...curve.points[this.focus.index]);
    const { top, height } = this.frame;
    this.marker.append(
      element("line", { class: "hair", x1: x, x2: x, y1: top, y2: top + height }),
      element("circle", { cx: x, cy: y, r: 5, style: `fill:${curve.color}` }),
    );
    const [title, ...lines] = curve.describe(this.focus.index);
    this.tip.replaceChildren(element("strong", {}, title), ...lines.map((line) => element("div", {}, line)));
    const scale = this.canvas.clientWidth / this.size.width;
    const room = this.root.clientWidth - this.tip.offsetWidth - 4;
    const right = x * scale + 14;
    this.tip.style.left = `${Math.max(4, right > room ? x * scale - this.tip.offsetWidth - 14 : right)}px`;
    this.tip.style.top = `${Math.max(4, y * scale - this.tip.offsetHeight - 10)}px`;
  },

  select([x0, y0], [x1, y1]) {
    for (const [key, value] of Object.entries({
      x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0),
    })) this.selection.setAttribute(key, value);
  },

  // Zooms to a dragged rectangle; a flat rectangle keeps the vertical range.
  zoomTo([x0, y0], [x1, y1]) {
    const { left, top, width, height } = this.frame;
    const clamp = (fraction) => Math.min(1, Math.max(0, fraction));
    const xs = [x0, x1].map((x) => this.x.value(clamp((x - left) / width))).sort((a, b) => a - b);
    const ys = [y0, y1].map((y) => this.y.value(clamp(1 - (y - top) / height))).sort((a, b) => a - b);
    if (xs[1] - xs[0] < 1) return;
    this.range = { x: xs, y: Math.abs(y1 - y0) > 20 ? ys : null };
    if (this.isLinked) view.zoom(xs);
    else this.draw();
  },

  unzoom() {
    this.range = null;
    if (this.isLinked) view.zoom(null);
    else this.draw();
  },

  // Handles a key; returns whether it has a meaning.
  press(key) {
    const curves = this.visible().filter((curve) => curve.describe);
    if (curves.length === 0) return false;
    const current = Math.max(0, curves.findIndex((curve) => curve.id === this.focus?.curve.id));
    // Moves to a point within the visible range.
    const step = (curve, index) => {
      const isShown = ([x]) => x >= this.x.low && x <= this.x.high;
      const [first, last] = [curve.points.findIndex(isShown), curve.points.findLastIndex(isShown)];
      if (first >= 0) this.read({ curve, index: Math.min(last, Math.max(first, index)) }, true);
      return true;
    };
    const index = this.focus?.index ?? -1;
    const other = (offset) => curves[(current + offset + curves.length) % curves.length];
    switch (key) {
      case "ArrowRight": return step(curves[current], index + 1);
      case "ArrowLeft": return step(curves[current], index - 1);
      case "ArrowUp": return step(other(-1), Math.max(0, index));
      case "ArrowDown": return step(other(1), Math.max(0, index));
      case "Home": return step(curves[current], 0);
      case "End": return step(curves[current], Infinity);
      case "+": case "=": return this.magnify(0.5);
      case "-": return this.magnify(2);
      case "0": case "Escape": this.unzoom(); return true;
      default: return false;
    }
  },

  // Zooms around the current point, or around the center.
  magnify(factor) {
    const center = this.focus ? this.x.fraction(this.focus.curve.points[this.focus.index]?.[0]) : 0.5;
    const [low, high] = [center * (1 - factor), center + (1 - center) * factor].map((end) => this.x.value(end));
    if (factor < 1 && high - low < 2) return true;
    const range = [Math.max(this.start, low), Math.min(this.end, high)];
    if (range[0] <= this.start && range[1] >= this.end) {
      this.unzoom();
      return true;
    }
    this.range = { x: range, y: null };
    if (this.isLinked) view.zoom(range);
    else this.draw();
    return true;
  },
});
