// Metrics: every figure there is, with its definition, formula and source.

import { get } from "../api.js";
import { el } from "../markup.js";
import { choice, count, empty, failure, field, head, loading, words } from "../ui.js";

export function open({ params, keep }) {
  const list = el("div", { class: "stack" }, loading());
  const filters = el("div", { class: "filters" });
  const sum = el("p", { class: "quiet" });
  const chosen = { search: params.get("search") || "", by: params.get("by") || "" };
  let all = [];
  const node = el("div", {}, head("Metrics", "Every figure that can be asked for: what it means, how it is counted, and where that comes from."), filters, sum, list);

  async function load() {
    try {
      for (let cursor = ""; cursor !== null; ) {
        const found = await get(`/api/v1/metrics?limit=200${cursor ? `&cursor=${cursor}` : ""}`);
        all.push(...found.items);
        cursor = found.next;
      }
      controls();
      draw();
    } catch (problem) {
      list.replaceChildren(failure(problem));
    }
  }
  const set = (name, value) => { chosen[name] = value; keep({ [name]: value }); draw(); };
  function controls() {
    const dims = [...new Set(all.flatMap((m) => m.dimensions))].sort();
    filters.replaceChildren(field("Search", el("input", { type: "search", id: "metric", value: chosen.search, placeholder: "a name, or what it is called", oninput: (e) => set("search", e.target.value) })), choice("by", "Can be told by", dims, chosen.by, (v) => set("by", v), "anything"));
  }
  function draw() {
    const said = chosen.search.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (m) => [m.label, m.name, ...m.synonyms, m.definition].join(" ").toLowerCase();
    const found = all.filter((m) => said.every((w) => text(m).includes(w)) && (!chosen.by || m.dimensions.includes(chosen.by)));
    sum.textContent = count(found.length, "metric");
    list.replaceChildren(...found.map(card));
    if (!found.length) list.replaceChildren(el("div", { class: "card" }, empty("No metric fits", "Try another word, or ask in your own words.")));
  }
  const card = (m) => el("details", { class: "card", open: Boolean(chosen.search) && text1(m) === chosen.search.toLowerCase() },
    el("summary", {}, el("strong", {}, m.label), " ", el("span", { class: "quiet" }, m.definition), m.open_to_you ? null : [" ", el("span", { class: "pill" }, "not open to your role")]),
    el("dl", { class: "keys" }, [["Counted as", el("code", {}, m.formula.replaceAll("is not null", "is given").replaceAll("is null", "is empty"))], ["Source", m.source], ["Also called", m.synonyms.join(", ")], ["Better when", { up: "higher", down: "lower" }[m.direction] ?? "it depends"], ["Can be told by", m.dimensions.map(words).join(", ")], ["Over time by", m.grains.join(", ")]].filter(([, v]) => v).flatMap(([k, v]) => [el("dt", { class: "quiet" }, k), el("dd", {}, v)])),
    m.open_to_you ? el("p", {}, el("a", { class: "button", href: `/ask?q=${encodeURIComponent(`${m.label.toLowerCase()} this year`)}` }, "Ask for it")) : null);
  const text1 = (m) => m.label.toLowerCase();
  return { node, ready: load() };
}
