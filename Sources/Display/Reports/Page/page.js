// Assembles the page.

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
drawLegend(document.getElementById("legend"));
drawTraining();
drawSnapshots();

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent.trim());
    announce("Copied.");
    button.textContent = "Copied";
  });
}
performance.mark("drawn");
document.documentElement.dataset.ready = "true";
