// An interactive line chart: the pointer and arrow keys read a point, dragging zooms, and the legend hides curves. It is
// drawn as SVG, so that it prints sharply and has the colors of the style sheet.

class Chart {
  // `options`: title, printWidth, xLabel, yLabel, isLogarithmic, isWhole, isLinked (zooms with the other charts over
  // updates), counts (the horizontal axis: {low, isLogarithmic, first}; by default linear from 0), sections [{label, end}]
  // (parts of the horizontal axis, whose names replace its ticks), lines [{label, y, color, isDashed}], and curves(), a
  // list of {label, points: [[x, y]], color, dash, width, opacity, ceiling, band: [[x, low, high]], isVisible, end (the
  // last x, if its point isn't drawn), describe(index) → lines of text}.
  constructor(root, options) {
    // An option may be a getter, which is evaluated again at each drawing.
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(options));
    this.root = root;
    this.range = null; // the zoomed range: {x: [low, high], y: [low, high]}
    this.focus = null; // the current point: {curve, index}
    root.classList.add("chart");
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.setAttribute("aria-roledescription", "chart");
    this.tip = element("div", { class: "tip", hidden: "" });
    this.reset = element("button", { type: "button", class: "reset", hidden: "" }, "Reset zoom");
    this.reset.addEventListener("click", () => this.unzoom());
    this.canvas = element("div", { class: "canvas" });
    root.append(this.canvas, this.reset, this.tip);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    view.onChange(() => this.draw());
    // On paper a chart has its own width, and the size of the text is fixed.
    for (const [moment, isPrinted] of [["beforeprint", true], ["afterprint", false]]) {
      window.addEventListener(moment, () => {
        this.isPrinted = isPrinted;
        this.draw();
      });
    }
  }

  visible() {
    return this.allCurves().filter((curve) => curve.isVisible && curve.points.length > 0);
  }

  allCurves() {
    return (this.cached ??= this.curves());
  }

  // The points of a curve within the zoomed range.
  within(curve) {
    const [low, high] = [this.x.low, this.x.high];
    return curve.points.filter(([x]) => x >= low && x <= high);
  }

  layOut() {
    const curves = this.visible();
    // Another chart may have changed the common range.
    if (this.isLinked && this.range?.x !== view.range) this.range = null;
    const range = this.isLinked ? view.range : this.range?.x;
    const all = this.isLinked ? this.allCurves() : curves;
    this.end = Math.max(1, ...all.map((curve) => curve.end ?? curve.points.at(-1)?.[0] ?? 1));
    this.start = this.counts?.low ?? 0;
    this.x = new Axis(...(range ?? [this.start, this.end]), { isWhole: true, ...this.counts });
    if (this.range?.y) {
      this.y = new Axis(...this.range.y, this);
      return;
    }
    let [low, high] = [Infinity, -Infinity];
    const take = (y) => {
      if (y < low) low = y;
      if (y > high) high = y;
    };
    for (const curve of curves) {
      for (const [, y] of this.within(curve)) take(y);
      for (const [x, ...ends] of curve.band ?? []) {
        if (x >= this.x.low && x <= this.x.high) ends.forEach(take);
      }
    }
    for (const line of this.lines) take(line.y);
    for (const { y } of this.ceilings()) take(y);
    if (low > high) [low, high] = this.isLogarithmic ? [1e-6, 1] : [0, 1];
    this.y = this.isLogarithmic ? new Axis(low / 2, high * 2, this) : Axis.around(low, high, this);
  }

  // The distinct ceilings of visible curves in increasing order, each with its groups; none if there are more than five.
  ceilings() {
    const found = new Map();
    for (const { ceiling, color, group } of this.visible()) {
      if (ceiling === undefined) continue;
      if (!found.has(ceiling)) found.set(ceiling, { y: ceiling, color, groups: new Set() });
      found.get(ceiling).groups.add(group);
    }
    return found.size > 5 ? [] : [...found.values()].sort((a, b) => a.y - b.y);
  }

  // The label of a ceiling, with its first group.
  static ceilingText({ y, groups: [first, ...others] }) {
    return `ceiling ${y} of ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;
  }

  place(x, y) {
    const { left, top, width, height } = this.frame;
    return [left + width * this.x.fraction(x), top + height * (1 - this.y.fraction(y))];
  }

  draw() {
    this.cached = null;
    const width = this.isPrinted ? this.printWidth : Math.max(240, this.canvas.clientWidth);
    const height = Math.round(Math.min(460, Math.max(230, width * 0.55)));
    this.size = { width, height };
    this.frame = { left: 64, top: 12, width: width - 78, height: height - 60 };
    this.layOut();
    this.svg = element("svg", {
      viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": this.summary(),
    });
    this.drawAxes();
    this.drawCurves();
    this.marker = element("g", { class: "marker" });
    this.selection = element("rect", { class: "selection", width: 0, height: 0 });
    this.svg.append(this.selection, this.marker);
    this.canvas.replaceChildren(this.svg);
    const isZoomed = this.range !== null || (this.isLinked && view.range !== null);
    this.reset.hidden = !isZoomed;
    this.root.setAttribute("aria-label", `${this.title}. Arrow keys read points, + and − zoom, 0 resets.`);
    this.showFocus();
  }

  drawAxes() {
    const { left, top, width, height } = this.frame;
    const bottom = top + height;
    for (const tick of this.y.ticks(height < 220 ? 4 : 6)) {
      const [, y] = this.place(this.x.low, tick);
      this.svg.append(
        element("line", { class: "grid", x1: left, x2: left + width, y1: y, y2: y }),
        element("text", { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" }, this.y.text(tick)),
      );
    }
    const ticks = this.sections?.length > 0 ? [] : this.x.ticks(width < 330 ? 3 : 6);
    this.drawSections(bottom);
    for (const [index, tick] of ticks.entries()) {
      const [x] = this.place(tick, this.y.low);
      const juts = index === ticks.length - 1 && x > left + width - 14;
      this.svg.append(
        element("line", { class: "axis", x1: x, x2: x, y1: bottom, y2: bottom + 5 }),
        element("text", {
          class: "tick", x: juts ? left + width + 8 : x, y: bottom + 19,
          "text-anchor": juts ? "end" : "middle",
        }, this.x.text(tick)),
      );
    }
    this.svg.append(
      element("line", { class: "axis", x1: left, x2: left + width, y1: bottom, y2: bottom }),
      element("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }),
      element("text", { class: "label", x: left + width / 2, y: bottom + 40, "text-anchor": "middle" }, this.xLabel),
      // A long label has smaller letters, of which each takes about half its size.
      element("text", {
        style: `font-size:${Math.min(13, (height + 24) / (0.52 * this.yLabel.length))}px`,
        class: "label", transform: `translate(14 ${top + height / 2}) rotate(-90)`, "text-anchor": "middle",
      }, this.yLabel),
    );
  }

  // Lines between the sections, and their names where these have room.
  drawSections(bottom) {
    let start = this.x.low;
    let free = 0;
    for (const { label, end } of this.sections ?? []) {
      if (end <= start) continue;
      const stop = Math.min(end, this.x.high);
      const [x] = this.place((start + stop) / 2, this.y.low);
      const half = 3.5 * label.length;
      if (x - half >= free) {
        this.svg.append(element("text", { class: "tick", x, y: bottom + 19, "text-anchor": "middle" }, label));
        free = x + half;
      }
      if (end >= this.x.high) break;
      const [border] = this.place(end, this.y.low);
      this.svg.append(element("line", { class: "grid", x1: border, x2: border, y1: this.frame.top, y2: bottom + 5 }));
      start = end;
    }
  }

  drawCurves() {
    const { left, top, width, height } = this.frame;
    const clip = `clip-${(Chart.count = (Chart.count ?? 0) + 1)}`;
    this.svg.append(
      element("clipPath", { id: clip }, element("rect", { x: left, y: top - 2, width: width + 3, height: height + 4 })),
    );
    const plot = element("g", { "clip-path": `url(#${clip})` });
    for (const curve of this.visible().filter((curve) => curve.band?.length)) {
      const upper = curve.band.map(([x, , high]) => this.place(x, high));
      const lower = curve.band.map(([x, low]) => this.place(x, low)).reverse();
      plot.append(element("path", {
        class: "band", d: `M${[...upper, ...lower].map(Chart.pair).join("L")}Z`, style: `fill:${curve.color}`,
      }));
    }
    for (const curve of this.visible()) {
      plot.append(element("path", {
        class: "curve", d: `M${curve.points.map(([x, y]) => Chart.pair(this.place(x, y))).join("L")}`,
        style: `stroke:${curve.color};stroke-width:${curve.width};opacity:${curve.opacity ?? 1}`,
        "stroke-dasharray": curve.dash ?? "",
      }));
      if (curve.points.length < 3) {
        for (const [x, y] of curve.points) {
          const [cx, cy] = this.place(x, y);
          plot.append(element("circle", { cx, cy, r: 3.5, style: `fill:${curve.color}` }));
        }
      }
    }
    this.drawCeilings(plot);
    for (const line of this.lines) {
      const [x, y] = this.place(this.x.low, line.y);
      plot.append(element("line", {
        class: "bound", x1: x, x2: left + width, y1: y, y2: y, "stroke-dasharray": line.isDashed ? "7 5" : "",
        style: `stroke:var(--line-${line.color})`,
      }));
      const isNearTop = y < top + 18;
      plot.append(element("text", {
        class: "boundlabel", x: left + width - 4, y: isNearTop ? y + 15 : y - 6, "text-anchor": "end",
        style: `fill:var(--line-${line.color})`,
      }, line.label));
    }
    this.svg.append(plot);
  }

  // Labels are on the left, where curves are low and other lines have no labels; close ceilings share a label.
  drawCeilings(plot) {
    let last = null; // the previous label
    for (const ceiling of this.ceilings()) {
      const { color } = ceiling;
      const [x, y] = this.place(this.x.low, ceiling.y);
      plot.append(element("line", {
        class: "bound ceiling", x1: x, x2: this.frame.left + this.frame.width, y1: y, y2: y, style: `stroke:${color}`,
      }));
      if (last && last.y - y < 15) {
        last.node.textContent += `, ${Chart.ceilingText(ceiling).replace("ceiling ", "")}`;
        continue;
      }
      const above = this.lines.map((line) => y - this.place(this.x.low, line.y)[1]).filter((gap) => gap >= 0);
      const hasNoRoom = Math.min(y - this.frame.top, ...above) < 18;
      const node = element("text", {
        class: "boundlabel", x: x + 6, y: hasNoRoom ? y + 15 : y - 6, style: `fill:${color}`,
      }, Chart.ceilingText(ceiling));
      plot.append(node);
      last = { y, node };
    }
  }

  static pair([x, y]) {
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  }

  // A description for screen readers: the number of curves and the final values of a few.
  summary() {
    const curves = this.visible().filter((curve) => curve.label);
    const ends = curves.slice(0, 8).map((curve) => `${curve.label} ends at ${format(curve.points.at(-1)[1])}`);
    const bounds = this.lines.map((line) => `a line at ${line.label}`);
    const ceilings = this.ceilings().map((ceiling) => `a ${Chart.ceilingText(ceiling)}`);
    return `${this.title}: ${curves.length} curves. ${[...ends, ...bounds, ...ceilings].join("; ")}.`;
  }
}
