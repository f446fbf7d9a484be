// Draws what Python described (perfsys/common/charts.py). Loaded by pages with charts alone, after plotly.
// A chart takes its colours from the stylesheet and is drawn anew when light turns to dark. Without plotly, its table
// below says the same.

const root = document.documentElement;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

const read = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

function colour({ token, alpha = 1 }) {
  const value = read(token);
  if (alpha === 1 || !/^#[0-9a-f]{6}$/i.test(value)) return value;
  return value + Math.round(alpha * 255).toString(16).padStart(2, "0");
}

/** A copy in which every {token} is what the stylesheet says now. */
function themed(part) {
  if (Array.isArray(part)) return part.map(themed);
  if (part === null || typeof part !== "object") return part;
  if ("token" in part) return colour(part);
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, themed(value)]));
}

function layoutOf(given) {
  const font = { family: read("font"), size: 13, color: read("ink-2") };
  const label = { bgcolor: read("ink"), bordercolor: read("ink"), font: { ...font, color: read("bg") } };
  return {
    autosize: true,
    showlegend: false,
    dragmode: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font,
    hoverlabel: label,
    transition: { duration: calm.matches ? 0 : 200 },
    ...themed(given),
  };
}

const figureOf = (box) => JSON.parse(document.getElementById(box.dataset.chart).textContent);

async function draw(box) {
  if (!box.clientWidth) return; // folded away: drawn when it has a width
  const { data, layout, config } = figureOf(box);
  await Plotly.react(box, themed(data), layoutOf(layout), { displayModeBar: false, ...config });
  box.dataset.drawn = "";
}

const widths = new WeakMap();
const watch = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (widths.get(target) === contentRect.width) continue;
    widths.set(target, contentRect.width);
    if ("drawn" in target.dataset) void Plotly.Plots.resize(target);
    else void draw(target);
  }
});

const boxes = () => document.querySelectorAll("[data-chart]");
const start = (within) => within.querySelectorAll("[data-chart]").forEach((box) => watch.observe(box));
const again = () => boxes().forEach(draw);

if (globalThis.Plotly) {
  start(document);
  document.addEventListener("htmx:load", ({ target }) => start(target));
  dark.addEventListener("change", again);
  new MutationObserver(again).observe(root, { attributeFilter: ["data-theme"] });
  addEventListener("beforeprint", again); // paper is light, whatever the screen is
  addEventListener("afterprint", again);
} else {
  for (const box of boxes()) box.hidden = true;
}
