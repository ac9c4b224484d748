// The page of a checkpoint's ranks: its table can be sorted.

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
document.documentElement.dataset.ready = "true";
