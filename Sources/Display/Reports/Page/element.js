// What every page's script makes elements with, and says things with.

function element(name, attributes = {}, ...children) {
  const isDrawing = ["svg", "path", "line", "text", "rect", "circle", "g", "title", "clipPath"];
  const node = isDrawing.includes(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Said to those who listen instead of looking.
function announce(text) {
  document.getElementById("spoken").textContent = text;
}
