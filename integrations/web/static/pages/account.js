// An account's brief: what matters before the call, with its charts; to print, or to take along.

import { file, get } from "../api.js";
import { behind, chart } from "../charts.js";
import { el, markdown, save, table } from "../markup.js";
import { button, failure, head, loading, onDay } from "../ui.js";

const FORMATS = [["pdf", "PDF"], ["docx", "Word"], ["md", "Markdown"]];

export function open({ parts, title }) {
  const id = parts[0];
  const path = `/api/v1/customers/${encodeURIComponent(id)}/brief`;
  const since = el("input", { type: "date", id: "since", "aria-label": "What changed since" });
  const said = el("div", {});
  const node = el("div", {}, loading("writing the brief"));

  async function load(day) {
    const brief = await get(`${path}${day ? `?since=${day}` : ""}`);
    title(brief.title);
    const takes = FORMATS.map(([kind, label]) => button(label, async () => {
      said.replaceChildren(loading("making it"));
      try { save(await file(`${path}?format=${kind}`), `brief-${id}.${kind}`); said.replaceChildren(); } catch (problem) { said.replaceChildren(failure(problem)); }
    }));
    node.replaceChildren(
      el("p", { class: "no-print" }, el("a", { href: "/accounts" }, "← All accounts")),
      head(brief.title, `Data to ${onDay(brief.as_of)}${brief.since ? ` · what changed since ${onDay(brief.since)}` : ""}`, ...takes, button("Print", () => print(), { title: "What matters and its charts, on a page or two; the whole brief is in the PDF" })),
      said,
      el("div", { class: "row no-print small quiet" }, el("label", { for: "since" }, "What changed since"), el("span", {}, since), button("Show", () => since.value && load(since.value).catch((p) => said.replaceChildren(failure(p))), { class: "chip" }), el("a", { href: `/ask?q=${encodeURIComponent(`revenue of ${brief.title} by month this year`)}` }, "Ask about this account")),
      el("p", {}),
      el("div", { class: "stack brief" }, brief.sections.map(section)));
  }
  return { node, ready: load() };
}

function section(s) {
  const lines = s.lines.filter((l) => l.text || l.lead);
  const numbered = s.key === "three";
  const item = (l) => el("li", {}, l.lead ? el("strong", {}, l.lead, " ") : null, inlined(l.text), l.owner ? el("span", { class: "quiet small" }, ` (${l.owner})`) : null, l.rule ? el("div", { class: "small quiet" }, `Rule: ${l.rule}`) : null);
  return el("section", { class: `card ${s.place}` }, el("h2", {}, s.title),
    lines.length === 1 && !lines[0].lead ? el("p", { class: lines[0].known ? null : "quiet" }, inlined(lines[0].text)) : lines.length ? el(numbered ? "ol" : "ul", {}, lines.map(item)) : null,
    s.charts.length ? el("div", { class: "beside drawn" }, s.charts.map(drawn)) : null,
    s.tables.map((t) => [t.caption ? el("h3", {}, t.caption) : null, table(t, t.caption || s.title), t.more ? el("p", { class: "quiet small" }, typeof t.more === "string" ? t.more : `${t.more} more`) : null]));
}

function drawn(c) {
  const told = behind(c.spec);
  return el("div", {}, chart(c.spec, { title: c.title, alt: c.alt }), told ? el("details", { class: "more no-print" }, el("summary", {}, "As a table"), table(told, c.title)) : null);
}

// A line of Markdown without its paragraph.
const inlined = (text) => { const made = markdown(text); return made.length === 1 && made[0].tagName === "P" ? [...made[0].childNodes] : made; };
