"use strict";

// plotly.js writes style attributes, and styles for maps into the head. The policy refuses both, as it refuses those of
// a stranger; setting properties of an element that exists is allowed, and maps there are none.
(() => {
  const { setAttribute } = Element.prototype;
  const { appendChild } = Node.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
  Node.prototype.appendChild = function (node) {
    return node instanceof HTMLStyleElement && node.textContent ? node : appendChild.call(this, node);
  };
})();
