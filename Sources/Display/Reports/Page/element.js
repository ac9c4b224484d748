// Functions of all pages: making elements, filling selections, and announcements for screen readers.

function element(name, attributes = {}, ...children) {
  const isDrawing = ["svg", "path", "line", "text", "rect", "circle", "g", "title", "clipPath"];
  const node = isDrawing.includes(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Announces a text to screen readers.
function announce(text) {
  document.getElementById("spoken").textContent = text;
}

// Fills a selection; it keeps its value if possible, and is hidden if there is no choice.
function fill(select, names, text) {
  const earlier = select.value;
  select.replaceChildren(...names.map((name) => element("option", { value: name }, text(name))));
  if (names.includes(earlier)) select.value = earlier;
  select.closest("label").hidden = names.length < 2;
}
