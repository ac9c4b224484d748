// The weights of one run: singular values at a few points of training, and maps of the weights before and after.

// The name of a snapshot by its position in the planned run, which may have ended early.
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
  // Prefer a run that starts from the identity, where W − I is initially 0.
  picker.value = (runs.find((run) => !run.snapshots[0].spectra.start) ?? runs[0]).id;

  let chosen = null;
  let chart = null;
  const choose = () => {
    const run = runs.find((run) => run.id === picker.value);
    fill(tensors, [...new Set(run.snapshots.map((snapshot) => snapshot.tensor))], (name) => name);
    const own = run.snapshots.filter((snapshot) => snapshot.tensor === tensors.value);
    const known = Object.keys(own[0].spectra);
    fill(references, known, (name) => ({ identity: "I", start: "W₀" })[name]);
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

function marginTable(chosen) {
  const head = ["snapshot", "updates", "rank", "smallest above", "largest below", "equal to 0", "stable rank", "effective rank"];
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
    element("caption", {}, `Rank at tolerance ${format(chosen[0].spectrum.tolerance)}, and the singular values next to the tolerance`),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows));
}

// The margin of the final rank: the factors between the tolerance and the adjacent singular values.
function marginWords({ name, updates, spectrum }) {
  const { above, below, tolerance, rank } = spectrum;
  const moment = name === "end" ? `At the end, after ${updates} updates` : `After ${updates} updates`;
  const count = `${moment}, ${rank} of ${spectrum.count} singular values exceed the tolerance ${format(tolerance)}`;
  const up = above == null ? null : `The smallest of these is ${format(above / tolerance)} times the tolerance.`;
  const down = below == null ? null
    : below === 0 ? "The others are 0." : `The largest of the others is the tolerance divided by ${format(tolerance / below)}.`;
  const nearest = Math.min(above == null ? Infinity : above / tolerance, below ? tolerance / below : Infinity);
  const verdict = nearest < 1.1 ? "The rank is sensitive to rounding: it changes if the tolerance changes by 10 %."
    : nearest < 2 ? "The rank changes if the tolerance changes by a factor of 2." : null;
  return [`${count}.`, up, down, verdict].filter(Boolean).join(" ");
}

// Color shows the sign of a weight w, intensity √|w|, so that small weights remain visible next to a 1.
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
