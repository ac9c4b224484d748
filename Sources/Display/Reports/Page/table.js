// Tables that are sorted by a click on a heading: numbers by value, words alphabetically, missing values last.

function makeSortable(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];
  // The number in a cell, which may be followed by a unit and a range; `null` for other text.
  const number = (cell) => {
    const found = /^(-?\d+(\.\d+)?(e[-+]?\d+)?)( %| s)?( \(-?[\d.]+–-?[\d.]+\))?$/.exec(cell.textContent.trim());
    return found ? Number(found[1]) : null;
  };
  for (const [column, heading] of headings.entries()) {
    const button = element("button", { type: "button" }, heading.textContent);
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const directions = { none: "ascending", ascending: "descending", descending: "none" };
      const direction = directions[heading.getAttribute("aria-sort") ?? "none"];
      for (const other of headings) other.removeAttribute("aria-sort");
      if (direction === "none") {
        body.append(...original);
        return;
      }
      heading.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      const isMissing = (cell) => ["–", "-", ""].includes(cell.textContent.trim());
      const cells = original.map((row) => row.cells[column]).filter((cell) => !isMissing(cell));
      const isNumeric = cells.length > 0 && cells.every((cell) => number(cell) !== null);
      const compare = (a, b) => {
        const [left, right] = [a.cells[column], b.cells[column]];
        if (!isNumeric) return sign * left.textContent.localeCompare(right.textContent);
        const [x, y] = [number(left), number(right)];
        if (x === null || y === null) return (x === null) - (y === null);
        return sign * (x - y);
      };
      body.append(...[...original].sort(compare));
    });
  }
}
