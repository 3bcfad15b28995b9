// Pieces that every page is put together from: states, figures in words, sparklines, messages, dialogs.

import { el } from "./markup.js";

export function failure(problem) {
  return el("div", { class: "failure", role: "alert" }, el("p", {}, problem.message), problem.hint ? el("p", { class: "quiet" }, problem.hint) : null);
}

export const loading = (text = "reading") => el("p", { class: "loading" }, `${text} …`);

export function empty(title, text, ...more) {
  return el("div", { class: "empty" },
    el("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: "M4 5h16v11H9l-5 4V5z" }), el("path", { d: "M8 9h8M8 12h5" })),
    el("h2", {}, title), el("p", {}, text), more.length ? el("p", { class: "row", style: null }, more) : null);
}

export const head = (title, text, ...more) => el("div", { class: "head" }, el("div", {}, el("h1", { tabindex: "-1" }, title), text ? el("p", { class: "quiet" }, text) : null), more.length ? el("div", { class: "row no-print" }, more) : null);

export const button = (label, onclick, more = {}) => el("button", { type: "button", ...more, class: `button ${more.class || ""}`, onclick }, label);

export const field = (label, control, hint) => el("div", { class: "field" }, el("label", { for: control.id }, label), control, hint ? el("span", { class: "small quiet" }, hint) : null);

export function choice(id, label, values, chosen, onchange, all = "all") {
  const control = el("select", { id, onchange: (e) => onchange(e.target.value) },
    all === null ? null : el("option", { value: "" }, all), values.map((v) => {
      const [value, text] = Array.isArray(v) ? v : [v, words(v)];
      return el("option", { value, selected: value === chosen }, text);
    }));
  return field(label, control);
}

export const words = (key) => String(key).replaceAll("_", " ");
const brief = (text) => text.replace("Sept", "Sep"); // as everywhere else
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
export const onDay = (iso) => (iso ? brief(day.format(new Date(iso))) : "–");
export const at = (iso) => (iso ? brief(moment.format(new Date(iso))) : "–");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
// Months such as 2026-05 within a text, as people write them; what is quoted stays as it was said.
export const inWords = (text) => String(text ?? "").replace(/“[^”]*”|(?<![\w-])(\d{4})-(0[1-9]|1[0-2])(?![\w-])/g, (all, year, month) => (year ? `${MONTHS[month - 1]} ${year}` : all));
export const signed = (n, digits = 2) => `${n > 0 ? "+" : n < 0 ? "−" : ""}${Math.abs(n).toFixed(digits)}`;
export const count = (n, one, many = `${one}s`) => `${(n ?? 0).toLocaleString("en-GB")} ${n === 1 ? one : many}`;
export const percent = (share) => `${Math.round(100 * share)} %`;
export const mood = (s) => (s === null || s === undefined ? "no mood" : s < -0.4 ? "very negative" : s < -0.1 ? "negative" : s > 0.4 ? "very positive" : s > 0.1 ? "positive" : "mixed");
export const moodPill = (s) => el("span", { class: `pill ${s < -0.1 ? "bad" : s > 0.1 ? "good" : ""}` }, mood(s));

// 12,345,678 with its sign as "$12.3 M": long money shortened, exact in the title.
export function short(display) {
  const found = /^(−|-)?([^\d\s]*)\s?([\d,.\u202f]+)\s*(.*)$/.exec(display || "");
  if (!found) return display || "–";
  const [, sign = "", before, digits, after] = found;
  const value = Number(digits.replace(/[,\u202f]/g, ""));
  if (!Number.isFinite(value) || value < 10000) return display;
  const [scaled, unit] = value >= 1e9 ? [value / 1e9, " bn"] : value >= 1e6 ? [value / 1e6, " M"] : [value / 1e3, " k"];
  return `${sign}${before}${scaled.toFixed(scaled >= 100 ? 0 : 1)}${unit}${after ? ` ${after}` : ""}`;
}

export const change = (now, before) => {
  if (!now && !before) return el("span", { class: "quiet" }, "–");
  if (!before) return el("span", {}, "new");
  const by = Math.round((100 * (now - before)) / before);
  return el("span", {}, by > 0 ? `+${by} %` : by < 0 ? `−${-by} %` : "±0 %");
};

export const MARKS = { emerging: "new", spiking: "rising", falling: "falling" };
export const mark = (state) => (MARKS[state] ? el("span", { class: `pill ${state === "falling" ? "good" : "warn"}` }, MARKS[state]) : null);

export function spark(values, { bad = false, width = 110, height = 26, label = "" } = {}) {
  if (!values || values.length < 2) return el("span", {});
  const most = Math.max(...values, 1);
  const x = (i) => (i * (width - 4)) / (values.length - 1) + 2;
  const y = (v) => height - 2 - (v / most) * (height - 4);
  const points = values.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
  const last = values.length - 1;
  return el("svg", { class: `spark ${bad ? "bad" : ""}`, viewBox: `0 0 ${width} ${height}`, width, height, role: label ? "img" : null, "aria-label": label || null, "aria-hidden": label ? null : "true" },
    el("polyline", { points }), el("circle", { cx: x(last), cy: y(values[last]), r: 2.2 }));
}

export function meter(share, bad = false) {
  const inside = el("span", {});
  inside.style.width = `${Math.round(100 * Math.min(1, Math.max(0, share)))}%`;
  return el("span", { class: `meter ${bad ? "bad" : ""}`, "aria-hidden": "true" }, inside);
}

// The words of a comment with the places that are about the theme marked.
export function marked(text, spans) {
  const out = [];
  let from = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start < from || end > text.length) continue;
    out.push(text.slice(from, start), el("mark", {}, text.slice(start, end)));
    from = end;
  }
  return [...out, text.slice(from)];
}

export function say(text) {
  document.getElementById("status").textContent = text;
}

export function toast(text, action, act) {
  const box = el("div", {}, el("span", {}, text));
  const gone = () => box.remove();
  if (action) box.append(el("button", { type: "button", onclick: () => { gone(); act(); } }, action));
  document.getElementById("toast").append(box);
  say(text);
  setTimeout(gone, 9000);
}

// A dialog; resolves to what `made(close)` closes it with, null where it was left.
export function dialog(title, made) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const box = el("dialog", { "aria-label": title });
    const close = (value) => { box.close(); box.remove(); before?.focus?.(); resolve(value ?? null); };
    box.append(el("div", { class: "stack" }, el("h2", {}, title), made(close)));
    box.addEventListener("cancel", (event) => { event.preventDefault(); close(null); });
    document.body.append(box);
    box.showModal();
    box.querySelector("input, select, textarea")?.focus();
  });
}

export const confirmed = (title, text, yes) => dialog(title, (close) => [el("p", {}, text), el("div", { class: "row" }, button(yes, () => close(true), { class: "primary" }), button("Cancel", () => close(false)))]);

// A table of rows with columns [{label, cell(row), number, wide}]; first column heads its row.
// `stacked`: on a phone each row is a card, its cells under their labels.
export function grid(label, columns, rows, { onsort, sort, falling, stacked = false } = {}) {
  const th = (c) => {
    const mine = c.key && c.key === sort;
    return el("th", { scope: "col", class: [c.number ? "number" : "", c.wide ? "wide" : ""].join(" ").trim() || null, "aria-sort": mine ? (falling ? "descending" : "ascending") : null },
      c.key && onsort ? el("button", { type: "button", class: "sort", onclick: () => onsort(c.key) }, c.label, mine ? (falling ? "\u00a0↓" : "\u00a0↑") : "") : c.label);
  };
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", { class: stacked ? "stacked" : null }, el("caption", { class: "unseen" }, label), el("thead", {}, el("tr", {}, columns.map(th))),
      el("tbody", {}, rows.map((r) => el("tr", {}, columns.map((c, i) => el(i ? "td" : "th", { scope: i ? null : "row", "data-label": stacked && i ? c.label : null, class: [c.number ? "number" : "", c.wide ? "wide" : ""].join(" ").trim() || null }, c.cell(r) ?? "–")))))));
}
