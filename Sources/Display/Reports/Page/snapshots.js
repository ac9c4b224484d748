// One run's weights in full: its singular values at a few moments, and the weights before and after.

// A moment's color: from the start's to the end's, through the middle's.
function momentColor(index, count) {
  const share = count < 2 ? 1 : index / (count - 1);
  const [from, to, part] = share <= 0.5 ? [0, 1, 2 * share] : [1, 2, 2 * share - 1];
  return `color-mix(in oklab, var(--moment-${from}), var(--moment-${to}) ${Math.round(100 * part)}%)`;
}

// A moment by its place in the whole run, which may have ended before its time.
function momentName(run, { updates }) {
  if (updates === 0) return "start";
  if (updates === run.total) return "end";
  return updates === Math.floor(run.total / 2) ? "middle" : `update ${updates}`;
}

function drawSnapshots() {
  const runs = data.runs.filter((run) => run.snapshots.length > 0);
  const section = document.getElementById("snapshots");
  if (!section || runs.length === 0) return;
  const picker = section.querySelector("#snapshot-run");
  const tensors = section.querySelector("#snapshot-tensor");
  const references = section.querySelector("#snapshot-reference");
  for (const run of runs) picker.append(element("option", { value: run.id }, run.id));
  // One that starts from the identity, if there is any: its spectrum begins with nothing.
  picker.value = (runs.find((run) => !run.snapshots[0].spectra.start) ?? runs[0]).id;

  let chosen = null;
  let chart = null;
  const choose = () => {
    const run = runs.find((run) => run.id === picker.value);
    fill(tensors, [...new Set(run.snapshots.map((snapshot) => snapshot.tensor))], (name) => name);
    const own = run.snapshots.filter((snapshot) => snapshot.tensor === tensors.value);
    const known = Object.keys(own[0].spectra);
    fill(references, known, (name) => ({ identity: "I", start: "its start" })[name]);
    chosen = own.map((snapshot, index) => ({
      ...snapshot, name: momentName(run, snapshot), spectrum: snapshot.spectra[references.value],
      color: momentColor(index, own.length),
    }));
    section.querySelector("#snapshot-margin").replaceChildren(marginTable(chosen));
    section.querySelector("#snapshot-words").textContent = marginWords(chosen.at(-1));
    drawMaps(section.querySelector("#snapshot-maps"), chosen);
    chart?.unzoom();
  };
  for (const control of [picker, tensors, references]) control.addEventListener("change", choose);
  choose();
  chart = new Chart(section.querySelector("#snapshot-spectrum"), {
    title: "Singular values", printWidth: 760, xLabel: "Index of the singular value", yLabel: "Singular value",
    isLogarithmic: true, isLinked: false,
    get lines() {
      const tolerance = chosen[0].spectrum.tolerance;
      return [{ label: `tolerance ${format(tolerance)}`, y: tolerance, color: "red", isDashed: true }];
    },
    curves: () => chosen.map((moment) => ({
      id: moment.name, label: moment.name, color: moment.color, width: 2.2, isVisible: true,
      points: moment.spectrum.values,
      describe: (index) => {
        const [number, value] = moment.spectrum.values[index];
        return [`${moment.name}, after ${moment.updates} updates`, `singular value ${number} of ${moment.spectrum.count}`, format(value, 3)];
      },
    })),
  });
}

// Options of a choice; it is hidden when there is none, and keeps its value when it can.
function fill(select, names, text) {
  const earlier = select.value;
  select.replaceChildren(...names.map((name) => element("option", { value: name }, text(name))));
  if (names.includes(earlier)) select.value = earlier;
  select.closest("label").hidden = names.length < 2;
}

function marginTable(chosen) {
  const head = ["moment", "updates", "rank", "smallest above", "largest below", "drawn as 0", "stable rank", "effective rank"];
  const rows = chosen.map((moment) => {
    const { spectrum } = moment;
    const swatch = element("span", { class: "swatch", style: `background:${moment.color}` });
    const cells = [
      moment.updates, spectrum.rank, format(spectrum.above, 3), format(spectrum.below, 3), spectrum.zeros,
      format(spectrum.stable, 3), format(spectrum.effective, 4),
    ];
    return element("tr", {}, element("th", { scope: "row" }, swatch, moment.name),
      ...cells.map((cell) => element("td", {}, String(cell))));
  });
  return element("table", {},
    element("caption", {}, "The spectrum at each moment, and the margin on both sides of the tolerance"),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows));
}

// How sure the last count is: by which factor its neighbors miss the tolerance.
function marginWords({ name, updates, spectrum }) {
  const { above, below, tolerance, rank } = spectrum;
  const moment = name === "end" ? `At the end, after ${updates} updates` : `After ${updates} updates`;
  const count = `${moment}, ${rank} of ${spectrum.count} singular values are above ${format(tolerance)}`;
  const up = above == null ? "none is above" : `the smallest of them is ${format(above / tolerance)} times the tolerance`;
  const down = below == null ? "none is left below"
    : below === 0 ? "the others are 0" : `the largest of the others ${format(tolerance / below)} times smaller than it`;
  const nearest = Math.min(above == null ? Infinity : above / tolerance, below ? tolerance / below : Infinity);
  const verdict = nearest < 1.1 ? " The count hangs on rounding: a tolerance a tenth away gives another one."
    : nearest < 2 ? " A tolerance twice as large or as small may give another count." : "";
  return `${count}: ${up}, ${down}.${verdict}`;
}

// Signs by color, magnitudes by its strength: the root of |w|, so that small weights show beside a one.
function drawMaps(root, chosen) {
  const shown = chosen.filter((moment) => moment.map);
  const scale = Math.max(...shown.map((moment) => moment.map.scale));
  root.replaceChildren(...shown.map(({ name, map, shape, tensor, updates }) => {
    const canvas = element("canvas", {
      width: map.columns, height: map.rows, role: "img",
      "aria-label": `Heat map of ${tensor}, ${name}; largest magnitude ${format(map.scale, 3)}`,
    });
    const image = new ImageData(map.columns, map.rows);
    const bytes = Uint8Array.from(atob(map.values), (letter) => letter.charCodeAt(0));
    for (const [index, byte] of new Int8Array(bytes.buffer).entries()) {
      const weight = (byte / 127) * map.scale;
      const color = weight < 0 ? [33, 113, 181] : [214, 90, 12];
      image.data.set([...color, Math.round(255 * Math.sqrt(Math.abs(weight) / (scale || 1)))], 4 * index);
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    const caption = `${name}, after ${updates} updates: ${shape[0]} × ${shape[1]}, largest magnitude ${format(map.scale, 3)}`;
    return element("figure", {}, canvas, element("figcaption", {}, caption));
  }));
  document.getElementById("map-scale").textContent = format(scale, 3);
}
