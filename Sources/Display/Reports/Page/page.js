// Assembles the page.

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
drawLegend(document.getElementById("legend"), {
  what: "setting",
  hint: [...data.figures.flatMap((figure) => figure.means), ...Object.values(data.means).flat()].some((mean) => mean.count > 1)
    ? "Bold: mean over seeds. Band: smallest to largest value." : "",
});
drawTraining();
drawSnapshots();
performance.mark("drawn");
document.documentElement.dataset.ready = "true";
