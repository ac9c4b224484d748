// The common view of a page's charts: groups of curves, hidden groups, and the zoomed range. Other scripts read it and
// listen to its changes.

const view = {
  groups: [], // {label, color, dash}
  hidden: new Set(), // positions of groups
  range: null, // the range of updates that all linked charts show
  listeners: [],

  onChange(listener) {
    this.listeners.push(listener);
  },
  changed() {
    for (const listener of this.listeners) listener();
  },
  setGroups(groups) {
    this.groups = groups;
    this.hidden.clear();
    this.changed();
  },
  toggle(group) {
    if (!this.hidden.delete(group)) this.hidden.add(group);
    this.changed();
  },
  // Shows only one group, or all groups if it is the only one already.
  single(group) {
    const isAlone = !this.hidden.has(group) && this.hidden.size === this.groups.length - 1;
    this.hidden = new Set(isAlone ? [] : this.groups.keys());
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
function stroke(group, count) {
  if (count <= paletteSize) return { color: `var(--curve-${group})`, dash: "" };
  const hues = Math.min(count, 24);
  const hue = Math.round((360 * (group % hues)) / hues);
  const dashes = ["", "7 3", "2 3", "9 3 2 3"];
  return {
    color: `light-dark(hsl(${hue} 70% 38%), hsl(${hue} 70% 66%))`,
    dash: dashes[Math.floor(group / hues) % dashes.length],
  };
}

// Groups with colors that are as different as possible.
function distinct(labels) {
  return labels.map((label, group) => ({ label, ...stroke(group, labels.length) }));
}

// The color of one of several moments, or of one of several layers, interpolated from first to middle to last.
function momentColor(index, count) {
  const progress = count < 2 ? 1 : index / (count - 1);
  const [from, to, part] = progress <= 0.5 ? [0, 1, 2 * progress] : [1, 2, 2 * progress - 1];
  return `color-mix(in oklab, var(--moment-${from}), var(--moment-${to}) ${Math.round(100 * part)}%)`;
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
