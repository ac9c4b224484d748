// The data of an experiment's page.

const data = JSON.parse(document.getElementById("records").textContent);

// Curves by name: loss, accuracy, and each quantity of each tensor.
for (const run of data.runs) {
  run.updates = data.grids[run.grid];
  run.curve = (name) => run.curves[name] ?? [];
}

for (const figure of data.figures) figure.runs = figure.runs.map((index) => data.runs[index]);

view.groups = distinct(data.groups);
