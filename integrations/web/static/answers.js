// An answer as people read it: text, chart beside its table, quotes, choices, exports, and how it was made.

import { file, get, post } from "./api.js";
import { chart } from "./charts.js";
import { csv, el, markdown, save, table } from "./markup.js";
import { button, count, failure, inWords, loading, onDay, toast, words } from "./ui.js";

const FIRST = 12;

export function shownAnswer(answer, put) {
  const more = put ? [...answer.nearest, ...answer.followups].filter((q, i, all) => all.indexOf(q) === i) : [];
  const cited = answer.citations.filter((c) => c.title);
  const drawn = answer.chart ? chart(answer.chart) : null;
  const tabled = answer.table?.rows?.length ? rows(answer) : null;
  return el("div", { class: `answer ${answer.status}` },
    markdown(inWords(answer.text)),
    drawn || tabled ? el("div", { class: drawn && tabled ? "beside" : "" }, drawn, tabled) : null,
    quotes(answer.quotes.filter((q) => !answer.text.includes(q.text))),
    answer.choices.length && put ? el("div", { class: "row", role: "group", "aria-label": "Which do you mean?" }, answer.choices.map((c) => button(c.label, () => put(c.question), { class: "choice" }))) : null,
    cited.length ? el("p", { class: "quiet small" }, "Sources: ", cited.map((c) => [c.title, c.locator].filter(Boolean).join(", ")).join(" · ")) : null,
    more.length ? el("div", { class: "row no-print", role: "group", "aria-label": "Ask next" }, more.map((q) => button(q, () => put(q), { class: "chip" }))) : null,
    actions(answer, drawn));
}

function rows(answer) {
  const months = answer.table.columns.map((name) => name === "Month");
  const whole = { ...answer.table, rows: answer.table.rows.map((r) => r.map((cell, i) => (months[i] ? inWords(cell) : cell))) };
  const holder = el("div", {}, table({ ...whole, rows: whole.rows.slice(0, FIRST) }, "Figures"));
  if (whole.rows.length > FIRST) holder.append(el("button", { type: "button", class: "link", onclick: () => holder.replaceChildren(table(whole, "Figures")) }, `Show all ${whole.rows.length} rows`));
  return holder;
}

const quotes = (items) => (items.length ? el("div", {}, items.slice(0, 8).map((q) => el("blockquote", {}, `“${q.text}”`, el("cite", {}, q.feedback_id)))) : null);

function actions(answer, drawn) {
  const how = el("div", { class: "how", hidden: true });
  const toggle = el("button", { type: "button", class: "link", "aria-expanded": "false", onclick: open }, "Show how");
  async function open() {
    how.hidden = !how.hidden;
    toggle.setAttribute("aria-expanded", String(!how.hidden));
    if (how.hidden || how.childNodes.length) return;
    how.replaceChildren(loading());
    try {
      how.replaceChildren(...explained(await get(`/api/v1/answers/${answer.id}/how`)));
    } catch (problem) {
      how.replaceChildren(failure(problem));
    }
  }
  const said = el("span", { class: "quiet small", role: "status" });
  const tried = (work) => async () => {
    try {
      await work();
    } catch (problem) {
      said.textContent = problem.message;
    }
  };
  const tell = async (useful, reason) => {
    await post(`/api/v1/answers/${answer.id}/opinion`, { useful, reason });
    said.textContent = "Thank you.";
  };
  const wrong = () => {
    const field = el("input", { type: "text", "aria-label": "What was wrong with it?", placeholder: "What was wrong with it?", maxlength: "500" });
    said.replaceChildren(el("form", { class: "row", onsubmit: (e) => { e.preventDefault(); tried(() => tell(false, field.value))(); } }, field, el("button", { type: "submit", class: "button chip" }, "Send")));
    field.focus();
  };
  const link = (label, act, name) => el("button", { type: "button", class: "link", "aria-label": name || null, onclick: act }, label);
  const share = tried(async () => {
    const address = new URL((await post(`/api/v1/answers/${answer.id}/share`)).path, location.origin).href;
    await navigator.clipboard?.writeText(address).catch(() => {});
    toast(`Colleagues who may see the same can open ${address}`);
  });
  return el("div", { class: "no-print" },
    el("div", { class: "row actions" },
      toggle,
      answer.table?.rows?.length ? link("CSV", () => save(csv(answer.table), `rapport-${answer.id}.csv`), "Table as CSV") : null,
      answer.table?.rows?.length ? link("XLSX", tried(async () => save(await file(`/api/v1/answers/${answer.id}/table.xlsx`), `rapport-${answer.id}.xlsx`)), "Table as XLSX") : null,
      drawn ? link("PNG", tried(async () => { const to = await drawn.picture(); if (to) save(await (await fetch(to)).blob(), `rapport-${answer.id}.png`); }), "Chart as PNG") : null,
      link("Copy", tried(async () => { await navigator.clipboard?.writeText(answer.text.replace(/[*_`]/g, "")); said.textContent = "Copied."; })),
      link("Share", share, "Share this answer"),
      link("Useful", tried(() => tell(true, "")), "This answer was useful"), link("Not useful", wrong, "This answer was not useful"),
      said),
    how);
}

const READ = { metrics: "Figures", entities: "Of", excluded: "Without", period: "When", compare_to: "Against", grain: "Over time by", by: "By", order: "Order", limit: "How many", topic: "About", mood: "Mood", label: "About" };

function explained(how) {
  const out = [];
  const understood = Object.entries(how.understood).filter(([k, v]) => READ[k] && v !== null && v !== "" && !(Array.isArray(v) && !v.length));
  if (understood.length) out.push(el("section", {}, el("h3", {}, "What was read"), el("ul", {}, understood.map(([k, v]) => el("li", {}, `${READ[k]}: ${told(v)}`)))));
  if (how.definitions.length) {
    out.push(el("section", {}, el("h3", {}, "What the figures mean"), how.definitions.slice(0, 4).map((d) => [
      el("p", {}, el("strong", {}, d.label), ": ", d.definition || "as in the catalogue"),
      el("p", { class: "quiet small" }, [d.period ? `${onDay(d.period.start)} to ${onDay(d.period.end)}` : "", count(d.rows, "row used", "rows used"), d.source ? `source: ${d.source}` : ""].filter(Boolean).join(" · "))])));
  }
  const sql = how.queries.filter((q) => q.sql);
  if (sql.length) out.push(el("details", { class: "more" }, el("summary", {}, "The SQL that ran"), sql.map((q) => el("pre", { tabindex: "0", role: "region", "aria-label": "SQL" }, q.sql.replace(/"(\w+?)_v\d+"/g, '"$1"')))));
  for (const note of how.notes) out.push(el("p", { class: "quiet small" }, note));
  out.push(el("p", { class: "quiet small" }, `Data to ${onDay(how.as_of)}, snapshot ${how.snapshot}.`));
  return out;
}

function told(value) {
  if (Array.isArray(value)) return value.map(told).join(", ");
  if (value && typeof value === "object") {
    if ("label" in value && "dimension" in value) return `${value.label} (${words(value.dimension)})`;
    if ("start" in value) return `${onDay(value.start)} to ${onDay(value.end)}`;
    return Object.entries(value).filter(([, v]) => v !== null && v !== false && v !== "").map(([k, v]) => `${words(k)} ${told(v)}`).join("; ");
  }
  return { desc: "highest first", asc: "lowest first" }[value] ?? words(value);
}
