// The charts over updates: the experiment's figures, and loss, accuracy and rank side by side.

// The label of a curve: `rank l3.weight` becomes rank(l3.weight − I).
function quantityName(name) {
  const [quantity, tensor] = name.split(" ");
  if (quantity === "difference") return data.figures[tensor].yLabel;
  if (quantity === "rank") return `rank(${tensor} − I)`;
  if (quantity === "rank_from_start") return `rank(${tensor} − W₀)`;
  if (quantity.endsWith("_from_start")) {
    return `${quantity.replace("_from_start", "").replaceAll("_", " ")} of ${tensor} − W₀`;
  }
  return tensor ? `${quantity} of ${tensor}` : { loss: "loss", accuracy: "running accuracy" }[name];
}

// The text at a point of a curve: the run, the update, and all values measured at it.
function describePoint(run, index) {
  const updates = run.updates[index];
  const lines = [run.id, `after ${updates} updates (iteration ${updates - 1})`];
  for (const name of Object.keys(run.curves)) {
    const value = run.curves[name][index];
    if (value === null || value === undefined) continue;
    const unit = name === "accuracy" ? " %" : "";
    const ceiling = run.ceilings[name] === undefined ? "" : `, ceiling ${run.ceilings[name]}`;
    const bound = name.startsWith("rank") && run.bound ? ` (input dimension ${run.bound}${ceiling})` : "";
    lines.push(`${quantityName(name)} ${format(value)}${unit}${bound}`);
  }
  return lines;
}

// One curve per shown run; for settings with several seeds also the mean and the band from the smallest to the largest
// value. Means include every completed run, shown or not.
function curvesOf(name, shown = data.runs, means = data.means[name] ?? []) {
  const groups = data.groups.map((_, group) => shown.filter((run) => run.group === group));
  return groups.flatMap((runs, group) => {
    const { color, dash } = view.groups[group];
    const isVisible = !view.hidden.has(group);
    const mean = means.find((mean) => mean.group === group);
    const single = runs.length === 1 && !mean;
    const ceilings = runs.map((run) => run.ceilings[name]);
    // Of several seeds the highest ceiling, if all have one.
    const ceiling = ceilings.includes(undefined) ? undefined : Math.max(...ceilings);
    const width = single ? (shown.length > 30 ? 1.2 : 2.2) : 1;
    const curves = runs.map((run) => ({
      id: run.id, label: single ? data.groups[group] : "", group: data.groups[group], color, dash, isVisible, width,
      opacity: single ? 1 : 0.45, ceiling,
      ...pointsOf(run, name),
    }));
    return mean ? [...curves, meanOf(mean, { group, color, dash, isVisible })] : curves;
  });
}

function pointsOf(run, name) {
  const indices = [...run.curve(name).keys()].filter((index) => run.curve(name)[index] !== null);
  return {
    points: indices.map((index) => [run.updates[index], run.curve(name)[index]]),
    describe: (point) => describePoint(run, indices[point]),
  };
}

// A mean curve and its band, computed when the page was made.
function meanOf({ count, updates, mean, low, high }, { group, color, dash, isVisible }) {
  const places = [...updates.keys()].filter((index) => mean[index] !== null);
  return {
    id: `mean ${group}`, label: data.groups[group] + (count > 1 ? `, mean of ${count} seeds` : ""), group: data.groups[group], color, dash,
    isVisible, width: 2.6, points: places.map((index) => [updates[index], mean[index]]),
    band: places.map((index) => [updates[index], low[index], high[index]]),
  };
}

// The positive values of a curve, for a logarithmic axis. The last update is kept, so that the axis of updates is complete.
function positivePart(curve) {
  return {
    ...curve,
    end: curve.points.at(-1)?.[0],
    points: curve.points.filter(([, y]) => y > 0),
    band: curve.band?.filter(([, low]) => low > 0),
    ceiling: curve.ceiling > 0 ? curve.ceiling : undefined,
  };
}

function drawTraining() {
  for (const [index, figure] of data.figures.entries()) {
    new Chart(document.getElementById(`figure-${index}`), {
      title: figure.title, printWidth: 760, xLabel: figure.xLabel, yLabel: figure.yLabel, lines: figure.lines,
      isLogarithmic: figure.isLogarithmic, isWhole: !figure.isLogarithmic, isLinked: figure.isLinked,
      sections: figure.sections, counts: figure.sections.length > 0 ? { low: 1 } : undefined,
      curves: () => {
        const curves = curvesOf(figure.curve, figure.runs, figure.means);
        return figure.isLogarithmic ? curves.map(positivePart) : curves;
      },
    });
  }
  for (const small of document.querySelectorAll("[data-curve]")) {
    const name = small.dataset.curve;
    const isRank = name.includes(" ");
    const figure = data.figures.find((figure) => figure.curve === name);
    new Chart(small, {
      title: small.dataset.title, printWidth: 300, xLabel: "Updates", yLabel: small.dataset.title,
      lines: figure?.lines ?? [], isWhole: isRank, isLinked: true, curves: () => curvesOf(name),
    });
  }
}
