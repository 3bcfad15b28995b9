// Charts from the same Vega-Lite specifications as everywhere, drawn here by Vega (own files; expressions are interpreted, so that the
// Content-Security-Policy holds), in the page's colours, light and dark.

import { el } from "./markup.js";
import { inWords } from "./ui.js";

const FILES = ["vega.min.js", "vega-lite.min.js", "vega-interpreter.min.js"];
const MONTH = /^(\d{4})-(\d{2})$/;
const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let loaded = null;

const script = (name) => new Promise((done, failed) => {
  const node = el("script", { src: `/static/vendor/${name}` });
  node.addEventListener("load", done);
  node.addEventListener("error", () => failed(new Error(`${name} is missing`)));
  document.head.append(node);
});

const vega = () => (loaded ??= FILES.reduce((before, name) => before.then(() => script(name)), Promise.resolve()).then(() => window.vega));
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function style() {
  const ink = colour("--ink"), soft = colour("--soft"), grid = colour("--grid");
  const range = [1, 2, 3, 4, 5].map((i) => colour(`--c-${i}`));
  return {
    background: null, font: getComputedStyle(document.body).fontFamily, padding: 2, view: { stroke: null },
    axis: { labelColor: soft, titleColor: soft, gridColor: grid, domainColor: grid, tickColor: grid, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 170, titlePadding: 8 },
    axisX: { grid: false }, legend: { labelColor: ink, titleColor: soft, labelFontSize: 12, orient: "bottom" }, title: { color: ink, fontSize: 13, anchor: "start" },
    bar: { color: range[0], cornerRadiusEnd: 3 }, line: { color: range[0], strokeWidth: 2.25 }, area: { color: range[0], opacity: 0.2 }, rule: { color: range[1], strokeDash: [4, 3] },
    point: { color: range[0], filled: true, size: 42 }, text: { color: ink }, range: { category: range },
  };
}

const parts = (spec) => spec.layer ?? [spec];
const inMonths = (rows, field) => rows.length > 0 && rows.every((r) => MONTH.test(String(r[field] ?? "")));

// What a chart shows, as a table: a row for each place on its axis, a column for each series.
export function behind(spec) {
  const rows = [...(spec.data?.values ?? []), ...parts(spec).flatMap((p) => p.data?.values ?? [])].filter((r) => r.display !== undefined);
  const axis = ["month", "theme", "at"].find((f) => rows.some((r) => f in r));
  if (!axis) return null;
  const series = [...new Set(rows.map((r) => r.what ?? "Value"))];
  const places = [...new Set(rows.map((r) => r[axis]))];
  const cell = (place, name) => rows.find((r) => r[axis] === place && (r.what ?? "Value") === name)?.display ?? "";
  return { columns: [axis === "theme" ? "Theme" : "Month", ...series], rows: places.map((p) => [inWords(p), ...series.map((s) => cell(p, s))]), right: [false, ...series.map(() => true)] };
}

// The specification for this width: months as words, money with its sign, bars as high as they need, colours of the page.
export function fitted(spec, width) {
  const made = structuredClone(spec);
  const rows = [...(made.data?.values ?? []), ...parts(made).flatMap((p) => p.data?.values ?? [])];
  const colours = [1, 2, 3, 4, 5].map((i) => colour(`--c-${i}`));
  const sign = /^[−-]?([^\d\s−-]{1,3})[\d]/.exec(String(rows.find((r) => r.display)?.display ?? ""))?.[1];
  const encodings = [made.encoding, ...parts(made).map((p) => p.encoding)].filter(Boolean);
  const dated = new Set();
  for (const encoding of encodings) {
    for (const axis of ["x", "y"]) {
      const channel = encoding[axis];
      if (!channel) continue;
      if (channel.type === "quantitative" && channel.axis !== null && !channel.axis?.format) channel.axis = { ...channel.axis, format: sign ? "$~s" : "~s", tickCount: 5 };
      if (channel.field && inMonths(rows.filter((r) => channel.field in r), channel.field)) {
        dated.add(channel.field);
        Object.assign(channel, { type: "ordinal", sort: null, axis: { ...channel.axis, labelAngle: 0, labelOverlap: "greedy", labelSeparation: 10, title: null } });
        delete channel.timeUnit;
      }
    }
  }
  for (const field of dated) for (const r of rows) if (field in r) r[field] = String(r[field]).replace(MONTH, (_, y, m) => `${NAMES[m - 1]} ${y.slice(2)}`);
  parts(made).forEach((part, i) => {
    if (typeof part.mark === "string") part.mark = { type: part.mark };
    if (part.mark?.type === "bar" && made.layer?.length > 1) part.mark.opacity = 0.5; // what is drawn over it stays clear
    if (part.mark?.color) part.mark.color = colours[i % colours.length];
    if (part.mark?.point?.color) part.mark.point.color = colours[i % colours.length];
    if (part.encoding?.color?.scale?.range) part.encoding.color.scale.range = colours.slice(0, part.encoding.color.scale.range.length);
  });
  if (made.encoding?.color?.scale?.range) made.encoding.color.scale.range = colours.slice(0, made.encoding.color.scale.range.length);
  const bars = encodings.some((e) => e.y && e.y.type !== "quantitative");
  made.width = Math.max(160, width - 8);
  made.height = bars ? { step: 26 } : Math.min(300, Math.max(190, width * 0.6));
  made.autosize = { type: "fit-x", contains: "padding" };
  return [made, sign];
}

// A figure whose picture follows its width and the theme; `picture()` gives a PNG's address.
export function chart(spec, { title = "", alt = "" } = {}) {
  const place = el("div", { role: "img", "aria-label": alt || spec.description || title || "Chart" });
  const node = el("figure", { class: "chart" }, title ? el("figcaption", {}, title) : null, place);
  let view = null, width = 0;
  async function draw() {
    const library = await vega();
    if (!node.isConnected || node.clientWidth < 40) return;
    width = node.clientWidth;
    const [made, sign] = fitted(spec, width);
    const config = { ...style(), locale: { number: { decimal: ".", thousands: ",", grouping: [3], currency: [sign || "", ""] } } };
    const compiled = window.vegaLite.compile(made, { config, logger: { warn() {}, info() {}, debug() {}, error() {}, level() { return this; } } }).spec;
    view?.finalize();
    const next = el("div", {});
    view = new library.View(library.parse(compiled, null, { ast: true }), { renderer: "svg", container: next, expr: library.expressionInterpreter, hover: true, logLevel: library.Error });
    await view.runAsync();
    place.replaceChildren(next);
    for (const drawn of place.querySelectorAll("svg, [role], [aria-label], [aria-roledescription]")) for (const said of ["role", "aria-label", "aria-roledescription"]) drawn.removeAttribute(said);
    place.querySelector("svg")?.setAttribute("aria-hidden", "true");
    node.dataset.drawn = "yes";
  }
  const again = () => draw().catch(() => { place.replaceChildren(el("p", { class: "quiet" }, "The chart cannot be drawn; its figures are in the table.")); node.dataset.drawn = "no"; });
  new ResizeObserver(() => { if (Math.abs(node.clientWidth - width) > 12) again(); }).observe(node);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  node.picture = () => view?.toImageURL("png", 2);
  return node;
}
