// Themes: what customers say, in groups, each with its course, mood, change, what the record says and what it is worth.

import { get, query } from "../api.js";
import { el } from "../markup.js";
import { change, choice, count, empty, failure, field, grid, head, loading, mark, moodPill, percent, say, short, spark } from "../ui.js";

export const FILTERS = ["segment", "region", "category", "product", "channel", "rating", "mood"];
const LABELS = { segment: "Segment", region: "Region", category: "Category", product: "Product", channel: "Channel", rating: "Rating", mood: "Mood" };
const MOODS = ["negative", "mixed", "positive"];
export const SPANS = [["90", "last 90 days"], ["182", "last half year"], ["365", "last year"]];

// A period of the address bar (days back, or two days) as what REST takes, counted from the data's own last day.
export function span(params, asOf) {
  const days = Number(params.get("days"));
  if (!days || !asOf) return {};
  const start = new Date(`${asOf}T00:00:00Z`);
  start.setUTCDate(start.getUTCDate() - days + 1);
  return { start: start.toISOString().slice(0, 10), end: asOf };
}

export function open({ me, params, keep }) {
  const chosen = Object.fromEntries(["days", "sort", "search", ...FILTERS].map((f) => [f, params.get(f) || ""]));
  const filters = el("div", { class: "filters" });
  const folded = el("details", { class: "more", open: innerWidth > 760 || Object.values(chosen).some(Boolean) }, el("summary", {}, "Filters"), filters);
  const sum = el("p", { class: "quiet" });
  const list = el("div", { class: "card" }, loading());
  const node = el("div", {}, head("What customers say", "Themes found in their own words. Open one to see why they say it, whether it is true, and what it costs."), folded, sum, list);
  let board = null, asOf = null, number = 0;

  async function load() {
    const mine = (number += 1);
    try {
      if (!asOf) asOf = (await get("/api/v1/snapshots/current")).as_of.slice(0, 10);
      const found = await get(`/api/v1/voice/board${query({ ...Object.fromEntries(FILTERS.map((f) => [f, chosen[f]])), ...span(new URLSearchParams(chosen), asOf) })}`);
      if (mine !== number) return;
      board = found;
      draw();
    } catch (problem) {
      list.replaceChildren(failure(problem));
    }
  }
  function set(name, value) {
    chosen[name] = value;
    keep({ [name]: value });
    if (name === "sort" || name === "search") draw();
    else load();
  }
  function controls() {
    const search = el("input", { type: "search", id: "find", value: chosen.search, placeholder: "a word of the name", oninput: (e) => set("search", e.target.value) });
    filters.replaceChildren(field("Theme", search), choice("days", "Period", SPANS, chosen.days, (v) => set("days", v), "all the data"),
      ...FILTERS.map((f) => choice(f, LABELS[f], f === "mood" ? MOODS : board.options[f] ?? [], chosen[f], (v) => set(f, v))));
  }
  const ORDERS = { comments: (t) => -t.comments, mood: (t) => t.sentiment ?? 0, change: (t) => t.before - t.now, value: (t) => -(t.value ?? 0), borne: (t) => -(t.decided ? t.borne_out / t.decided : -1) };
  function draw() {
    if (!filters.childNodes.length) controls();
    const word = chosen.search.trim().toLowerCase();
    const groups = board.groups.map((g) => ({ ...g, themes: g.themes.filter((t) => !word || t.name.toLowerCase().includes(word) || g.name.toLowerCase().includes(word)) })).filter((g) => g.themes.length);
    const themes = groups.flatMap((g) => g.themes);
    const pending = board.pending.length;
    sum.replaceChildren(`${count(themes.length, "theme")} in ${count(groups.length, "group")} · ${count(board.comments, "comment")}${board.comments ? `, ${percent(board.in_theme / board.comments)} of them in a theme` : ""}`,
      pending ? el("span", {}, " · ", el("a", { href: "/review?tab=decisions" }, `${count(pending, "decision")} pending`)) : "");
    say(sum.textContent);
    if (!themes.length) {
      const narrowed = word || chosen.days || FILTERS.some((f) => chosen[f]);
      list.replaceChildren(narrowed ? empty("No theme fits", "Loosen a filter.") : empty("No comments yet", "Themes are found once comments are loaded and built.", me.like === "admin" ? el("a", { class: "button", href: "/data" }, "Load comments") : null));
      return;
    }
    list.replaceChildren(tableOf(groups));
  }
  const pendingOf = (id) => board.pending.filter((d) => d.themes.includes(id));
  function tableOf(groups) {
    const money = groups.some((g) => g.value !== null);
    const columns = [
      { label: "Theme", wide: true, cell: (t) => [el("a", { href: `/themes/${encodeURIComponent(t.theme_id)}${location.search}` }, t.name), " ", mark(t.state), t.status === "approved" ? el("span", { class: "pill good" }, "approved") : null, pendingOf(t.theme_id).length ? el("span", { class: "pill warn", title: pendingOf(t.theme_id)[0].says }, "pending") : null] },
      { label: "Comments", key: "comments", number: true, cell: (t) => t.comments.toLocaleString("en-GB") },
      { label: "90 days", key: "change", number: true, cell: (t) => change(t.now, t.before) },
      { label: "Course", cell: (t) => spark(t.months, { bad: t.sentiment < -0.1, label: `${count(t.comments, "comment")} over ${board.months.length} months, the last month ${t.months.at(-1) ?? 0}` }) },
      { label: "Mood", key: "mood", cell: (t) => moodPill(t.sentiment) },
      { label: "Borne out", key: "borne", number: true, cell: (t) => (t.decided ? el("span", { title: `${t.borne_out} of ${t.decided} that the record decides` }, percent(t.borne_out / t.decided)) : el("span", { class: "quiet" }, "–")) },
      ...(money ? [{ label: "Bought by who complains", key: "value", number: true, cell: (t) => el("span", { title: t.value_display }, short(t.value_display)) }] : []),
    ];
    const sorting = { sort: chosen.sort || "comments", falling: true, onsort: (key) => set("sort", key === "comments" ? "" : key) };
    const order = ORDERS[chosen.sort] || ORDERS.comments;
    if (chosen.sort) return grid("Themes", columns, groups.flatMap((g) => g.themes).sort((a, b) => order(a) - order(b)), sorting);
    const made = grid("Themes by group", columns, [], sorting);
    const body = made.querySelector("tbody");
    for (const g of groups) {
      body.append(el("tr", { class: "group" }, el("th", { scope: "rowgroup" }, el("strong", {}, g.name), " ", mark(g.state)), el("td", { class: "number" }, g.comments.toLocaleString("en-GB")), el("td", { class: "number" }, change(g.now, g.before)), el("td", {}, spark(g.months, { bad: g.sentiment < -0.1 })), el("td", {}, moodPill(g.sentiment)),
        el("td", { class: "number" }, g.decided ? percent(g.borne_out / g.decided) : el("span", { class: "quiet" }, "–")), money ? el("td", { class: "number" }, short(g.value_display)) : null));
      body.append(...grid("", columns, g.themes).querySelectorAll("tbody tr"));
    }
    return made;
  }
  return { node, ready: load() };
}
