// The legend: per group one button that hides or shows it, and one that shows only this group.

function drawLegend(root) {
  const list = element("ul", { class: "legend" });
  const entries = data.groups.map((label, group) => {
    const { color, dash } = stroke(group);
    const swatch = element("svg", { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" },
      element("line", { x1: 1, x2: 25, y1: 5, y2: 5, "stroke-dasharray": dash, style: `stroke:${color};stroke-width:3` }));
    const toggle = element("button", { type: "button", class: "toggle" }, swatch, element("span", {}, label));
    const only = element("button", { type: "button", class: "only", "aria-label": `Only ${label}` }, "only");
    toggle.addEventListener("click", () => view.toggle(group));
    only.addEventListener("click", () => view.single(group));
    const entry = element("li", {}, toggle, only);
    list.append(entry);
    return { entry, toggle, label };
  });
  const all = element("button", { type: "button", class: "all" }, "Show all");
  all.addEventListener("click", () => view.showAll());
  const tools = element("div", { class: "tools" }, all);
  if (data.groups.length > 12) {
    const filter = element("input", { type: "search", placeholder: "Find a setting", "aria-label": "Find a setting in the legend" });
    filter.addEventListener("input", () => {
      for (const { entry, label } of entries) {
        entry.hidden = !label.toLowerCase().includes(filter.value.toLowerCase());
      }
    });
    tools.append(filter);
  }
  root.append(list, tools);
  if ([...data.figures.flatMap((figure) => figure.means), ...Object.values(data.means).flat()].length > 0) {
    root.append(element("p", { class: "hint" }, "Bold: mean over seeds. Band: smallest to largest value."));
  }
  const update = () => {
    for (const [group, { toggle }] of entries.entries()) {
      toggle.setAttribute("aria-pressed", String(!view.hidden.has(group)));
    }
    all.disabled = view.hidden.size === 0;
  };
  view.onChange(update);
  update();
}
