// The legend: per group one button that hides or shows it, and one that shows only this group.

// `what`: a noun for a group. `hint`: a sentence below the legend; empty for none.
function drawLegend(root, { what, hint }) {
  const list = element("ul", { class: "legend" });
  const all = element("button", { type: "button", class: "all" }, "Show all");
  all.addEventListener("click", () => view.showAll());
  const filter = element("input", {
    type: "search", placeholder: `Find a ${what}`, "aria-label": `Find a ${what} in the legend`,
  });
  let entries = [];
  filter.addEventListener("input", () => {
    for (const { entry, label } of entries) entry.hidden = !label.toLowerCase().includes(filter.value.toLowerCase());
  });
  root.append(list, element("div", { class: "tools" }, all, filter));
  if (hint) root.append(element("p", { class: "hint" }, hint));

  let shown = null; // the groups that the list has
  const update = () => {
    if (shown !== view.groups) {
      shown = view.groups;
      entries = shown.map(legendEntry);
      list.replaceChildren(...entries.map(({ entry }) => entry));
      filter.hidden = shown.length <= 12;
      filter.value = "";
    }
    for (const [group, { toggle }] of entries.entries()) {
      toggle.setAttribute("aria-pressed", String(!view.hidden.has(group)));
    }
    all.disabled = view.hidden.size === 0;
  };
  view.onChange(update);
  update();
}

function legendEntry({ label, color, dash }, group) {
  const swatch = element("svg", { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" },
    element("line", { x1: 1, x2: 25, y1: 5, y2: 5, "stroke-dasharray": dash, style: `stroke:${color};stroke-width:3` }));
  const toggle = element("button", { type: "button", class: "toggle" }, swatch, element("span", {}, label));
  const only = element("button", { type: "button", class: "only", "aria-label": `Only ${label}` }, "only");
  toggle.addEventListener("click", () => view.toggle(group));
  only.addEventListener("click", () => view.single(group));
  return { entry: element("li", {}, toggle, only), toggle, label };
}
