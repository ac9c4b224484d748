// Functions of all pages: making elements, and announcements for screen readers.

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
