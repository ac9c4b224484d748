// The page of a series of checkpoints: quantities of each matrix over steps, and singular values at chosen steps.

const data = JSON.parse(document.getElementById("records").textContent);
const quantities = new Map(data.quantities.map((quantity) => [quantity.key, quantity]));

// The group whose members have a curve each; `null` for one curve per group.
let opened = null;

function openGroup(index) {
  opened = index === "" ? null : data.groups[index];
  const labels = (opened ?? data).members.map((member) => (opened ? data.matrices[member].name : data.groups[member].label));
  view.setGroups(opened
    ? labels.map((label, place) => ({ label, color: momentColor(place, labels.length), dash: "" }))
    : distinct(labels));
}

function curvesOf(key) {
  return view.groups.map((style, place) => {
    const own = { id: String(place), group: style.label, isVisible: !view.hidden.has(place), width: 2.2, ...style };
    if (opened) return { ...own, ...matrixCurve(data.matrices[opened.members[place]], key) };
    const group = data.groups[place];
    return { ...own, ...(group.bands ? bandCurve(group, key) : matrixCurve(data.matrices[group.members[0]], key)) };
  });
}

// The positions of the steps at which a list has values.
const places = (values) => [...values.keys()].filter((index) => values[index] !== null);

function matrixCurve(matrix, key) {
  const values = matrix.curves[key];
  const drawn = places(values);
  return {
    points: drawn.map((index) => [data.steps[index], values[index]]),
    describe: (point) => [
      matrix.name, `${data.unit} ${data.steps[drawn[point]]}`,
      ...data.quantities.map(({ key, title }) => `${title} ${format(matrix.curves[key][drawn[point]])}`),
    ],
  };
}

function bandCurve(group, key) {
  const { median, low, high } = group.bands[key];
  const drawn = places(median);
  return {
    width: 2.6,
    points: drawn.map((index) => [data.steps[index], median[index]]),
    band: drawn.map((index) => [data.steps[index], low[index], high[index]]),
    describe: (point) => {
      const index = drawn[point];
      const { title } = quantities.get(key);
      return [
        `${group.label}: ${group.count} matrices`, `${data.unit} ${data.steps[index]}`,
        `${title}: median ${format(median[index])}, from ${format(low[index])} to ${format(high[index])}`,
      ];
    },
  };
}

function drawCurves() {
  // For example, only the start itself was ranked.
  if (quantities.size === 0) {
    document.getElementById("curve-words").textContent = "No matrix has a value yet.";
    return;
  }
  const quantity = document.getElementById("quantity");
  const matrices = document.getElementById("matrices");
  fill(quantity, [...quantities.keys()], (key) => quantities.get(key).title);
  quantity.value = data.chosen[0] ?? data.quantities[0].key;
  const groups = data.groups.map((_, index) => String(index)).filter((index) => data.groups[index].members.length > 1);
  fill(matrices, ["", ...groups], (index) => (index === "" ? "one curve per group"
    : `each of ${data.groups[index].label}`));
  openGroup("");

  const addChart = (root, printWidth, key) => new Chart(root, {
    get title() { return quantities.get(key()).label; },
    get yLabel() { return quantities.get(key()).label; },
    get isWhole() { return quantities.get(key()).isWhole; },
    printWidth, xLabel: `${data.unit[0].toUpperCase()}${data.unit.slice(1)}`, lines: [], counts: data.counts, isLinked: true, curves: () => curvesOf(key()),
  });
  const describe = () => {
    const { label, definition } = quantities.get(quantity.value);
    const subject = opened ? `The ${opened.members.length} matrices of ${opened.label}.` : data.words;
    document.getElementById("curve-words").textContent = `${label[0].toUpperCase()}${label.slice(1)} by ${data.unit}: ${definition}. ${subject}`;
  };
  quantity.addEventListener("change", () => view.changed());
  matrices.addEventListener("change", () => openGroup(matrices.value));
  view.onChange(describe);
  describe();
  drawLegend(document.getElementById("legend"), { what: "matrix", hint: data.legendWords });
  addChart(document.getElementById("curves"), 760, () => quantity.value);
  for (const small of document.querySelectorAll("[data-quantity]")) addChart(small, 300, () => small.dataset.quantity);
}

function drawSpectra() {
  const picker = document.getElementById("spectrum-matrix");
  fill(picker, [...data.matrices.keys()].map(String), (index) => data.matrices[index].name);
  picker.value = String(data.widest);
  const shown = new Set([0, Math.floor((data.moments.length - 1) / 2), data.moments.length - 1]);
  let moments = [];
  let chart = null;
  const update = () => {
    const matrix = data.matrices[picker.value];
    moments = matrix.spectra.map((spectrum, index) => ({
      ...spectrum, step: data.steps[data.moments[index]], color: momentColor(index, data.moments.length), index,
    })).filter((moment) => moment.values);
    document.getElementById("spectrum-steps").replaceChildren(momentTable(matrix, moments, shown, (index) => {
      if (!shown.delete(index)) shown.add(index);
      update();
      document.querySelector(`#spectrum-steps [data-moment="${index}"]`).focus();
    }));
    document.getElementById("spectrum-words").textContent = spectrumWords(matrix, moments.at(-1));
    chart?.unzoom();
  };
  picker.addEventListener("change", update);
  update();
  const drawn = () => moments.filter(({ index }) => shown.has(index));
  chart = new Chart(document.getElementById("spectrum"), {
    title: "Singular values", printWidth: 760, xLabel: "Index of the singular value", isLogarithmic: true, isLinked: false,
    yLabel: `Singular value of ${data.subject}`,
    get lines() {
      const last = drawn().at(-1);
      if (!last) return [];
      const moment = `${data.unit} ${last.step}`;
      const lines = [{ label: `tolerance ${format(last.tolerance, 3)} at ${moment}`, y: last.tolerance, color: "red", isDashed: true }];
      if (last.noise > 0) {
        lines.push({ label: `rounding noise ${format(last.noise, 3)} at ${moment}`, y: last.noise, color: "gray", isDashed: false });
      }
      return lines.filter(({ y }) => y > 0);
    },
    curves: () => drawn().map((moment) => ({
      id: `${data.unit} ${moment.step}`, label: `${data.unit} ${moment.step}`, color: moment.color, width: 2.2, isVisible: true,
      points: moment.values,
      describe: (point) => {
        const [number, value] = moment.values[point];
        return [`${data.unit} ${moment.step}`, `singular value ${number} of ${moment.count}`, format(value, 3)];
      },
    })),
  });
}

// One row per step with a spectrum; its button shows or hides the spectrum.
function momentTable(matrix, moments, shown, toggle) {
  const keys = data.quantities.map(({ key }) => key);
  const head = [data.unit, "tolerance", "rounding noise", "below noise", ...data.quantities.map(({ heading }) => heading)];
  const rows = moments.map((moment) => {
    const button = element("button", {
      type: "button", class: "toggle", "data-moment": moment.index, "aria-pressed": String(shown.has(moment.index)),
    }, element("span", { class: "swatch", style: `background:${moment.color}` }), String(moment.step));
    button.addEventListener("click", () => toggle(moment.index));
    const cells = [
      format(moment.tolerance, 3), format(moment.noise, 3), String(moment.below),
      ...keys.map((key) => format(matrix.curves[key][data.moments[moment.index]])),
    ];
    return element("tr", {}, element("th", { scope: "row" }, button),
      ...cells.map((cell) => element("td", { class: "number" }, cell)));
  });
  return element("table", { class: "moments" },
    element("caption", {}, `${data.subject} of ${matrix.name}; click a number to show or hide its singular values`),
    element("thead", {}, element("tr", {}, ...head.map((text, index) => element("th", {
      scope: "col", class: index > 0 ? "number" : "",
    }, text)))),
    element("tbody", {}, ...rows));
}

// The last spectrum in words, with the part of the rank that rounding alone may cause.
function spectrumWords(matrix, moment) {
  if (!moment) return "";
  const { step, count, rank, tolerance, noise, below } = moment;
  const words = `${rank} of ${count} singular values of ${matrix.name} (${matrix.shape}) exceed the tolerance ${format(tolerance)} at ${data.unit} ${step}.`;
  if (!(below > 0)) return words;
  return `${words} Of these, ${below} are below ${format(noise, 3)}, which rounding to ${matrix.type} alone may cause.`;
}

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
drawCurves();
drawSpectra();
performance.mark("drawn");
document.documentElement.dataset.ready = "true";
