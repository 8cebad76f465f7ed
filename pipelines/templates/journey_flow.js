"use strict";

// Draws a diagram when it is first shown: a page holds some for every journey and persona.
(() => {
  const drawn = new Set();
  const isShown = (holder) => holder.getClientRects().length > 0;

  function hatch(holder) {
    const nodes = holder.querySelectorAll(".sankey-node .node-rect");
    for (const number of holder.layout.meta.losses) nodes[number].style.fill = "url(#hatch)";
  }

  function draw(holder) {
    const { data, layout } = JSON.parse(document.getElementById(`${holder.id}-data`).textContent);
    layout.font.color = getComputedStyle(holder).color;
    holder.style.minWidth = `${layout.meta.width}px`;
    drawn.add(holder);
    Plotly.newPlot(holder, data, layout, { responsive: true, displayModeBar: false }).then(() => {
      hatch(holder);
      holder.on("plotly_afterplot", () => hatch(holder));
    });
  }

  function refresh() {
    for (const holder of document.querySelectorAll(".sankey")) {
      if (!isShown(holder)) continue;
      if (drawn.has(holder)) Plotly.Plots.resize(holder);
      else draw(holder);
    }
    note();
  }

  function resize(width) {
    for (const holder of drawn) if (isShown(holder)) Plotly.relayout(holder, width(holder));
  }

  function note() {
    for (const holder of drawn) {
      const frame = holder.parentElement;
      if (isShown(holder)) frame.previousElementSibling.hidden = frame.scrollWidth <= frame.clientWidth;
    }
  }

  document.addEventListener("viewchange", refresh);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const holder of drawn) Plotly.relayout(holder, { "font.color": getComputedStyle(holder).color });
  });
  addEventListener("beforeprint", () => resize((holder) => ({ width: holder.layout.meta.width })));
  addEventListener("afterprint", () => resize(() => ({ width: null, autosize: true })));
  addEventListener("resize", note);
  refresh();
})();
