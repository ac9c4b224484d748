// Puts the page together.

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
drawLegend(document.getElementById("legend"));
drawTraining();
drawSnapshots();

// Light or dark as the system has it, until somebody chooses.
const theme = document.getElementById("theme");
theme.addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
});
theme.hidden = false;

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
