// The page's data, and its view: hidden groups and the zoomed range. Other scripts read both and listen to changes of
// the view.

const data = JSON.parse(document.getElementById("records").textContent);

// Curves by name: loss, accuracy, and each quantity of each tensor.
for (const run of data.runs) {
  run.updates = data.grids[run.grid];
  run.curve = (name) => run.curves[name] ?? [];
}

for (const figure of data.figures) figure.runs = figure.runs.map((index) => data.runs[index]);

// Hidden groups, and the range of updates that all linked charts show.
const view = {
  hidden: new Set(),
  range: null,
  listeners: [],

  onChange(listener) {
    this.listeners.push(listener);
  },
  changed() {
    for (const listener of this.listeners) listener();
  },
  shows(run) {
    return !this.hidden.has(run.group);
  },
  toggle(group) {
    if (!this.hidden.delete(group)) this.hidden.add(group);
    this.changed();
  },
  // Shows only one group, or all groups if it is the only one already.
  single(group) {
    const isAlone = !this.hidden.has(group) && this.hidden.size === data.groups.length - 1;
    this.hidden = new Set(isAlone ? [] : data.groups.map((_, index) => index));
    this.hidden.delete(group);
    this.changed();
  },
  showAll() {
    this.hidden.clear();
    this.changed();
  },
  zoom(range) {
    this.range = range;
    this.changed();
  },
};

// A group's color and dashes: seven colors that are distinguishable with any color vision; for more groups up to 24 hues,
// combined with dashes.
const paletteSize = 7;
function stroke(group) {
  if (data.groups.length <= paletteSize) return { color: `var(--curve-${group})`, dash: "" };
  const hues = Math.min(data.groups.length, 24);
  const hue = Math.round((360 * (group % hues)) / hues);
  const dashes = ["", "7 3", "2 3", "9 3 2 3"];
  return {
    color: `light-dark(hsl(${hue} 70% 38%), hsl(${hue} 70% 66%))`,
    dash: dashes[Math.floor(group / hues) % dashes.length],
  };
}

// A number as text: integers in full, other numbers with a few significant digits.
function format(value, digits = 4) {
  if (value == null) return "–"; // missing in the records, or not finite
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    return value.toExponential(Math.min(digits - 1, 2)).replace(/\.?0+e/, "e");
  }
  return String(Number(value.toPrecision(digits)));
}
