// Accounts: a list to sort, filter and search; spelling is forgiven.

import { file, get, query } from "../api.js";
import { el, save } from "../markup.js";
import { button, choice, count, empty, failure, field, grid, head, loading, moodPill, onDay, say, short, words } from "../ui.js";

const FILTERS = [["owner", "Owner"], ["region", "Region"], ["tier", "Tier"], ["segment", "Buys like"], ["risk", "Risk"]];
const RISK = { high: "bad", mid: "warn", low: "good" };
const CALLED = { mid: "medium" };

export function open({ me, params, keep }) {
  const chosen = Object.fromEntries(["search", "sort", "order", "mine", ...FILTERS.map(([f]) => f)].map((f) => [f, params.get(f) || ""]));
  const filters = el("div", { class: "filters no-print" });
  const sum = el("p", { class: "quiet" });
  const list = el("div", { class: "card" }, loading());
  const take = button("As CSV", async () => save(await file(`/api/v1/accounts${query({ ...given(), format: "csv" })}`), "accounts.csv"));
  const node = el("div", {}, head("Accounts", "Open one for its brief: what matters before you call.", take), filters, sum, list);
  const rows = [];
  let cursor = null, number = 0;
  const given = () => ({ ...chosen, mine: chosen.mine ? "true" : "" });

  async function load(anew = true) {
    const mine = (number += 1);
    if (anew) cursor = null;
    try {
      const found = await get(`/api/v1/accounts${query({ ...given(), cursor, limit: 50 })}`);
      if (mine !== number) return;
      if (anew) rows.length = 0;
      rows.push(...found.items);
      cursor = found.next;
      if (!filters.childNodes.length) controls(found.options);
      draw(found);
    } catch (problem) {
      list.replaceChildren(failure(problem));
    }
  }
  function set(name, value) {
    chosen[name] = value;
    keep({ [name]: value });
    return load();
  }
  function controls(options) {
    let waiting;
    const search = el("input", { type: "search", id: "customer", value: chosen.search, placeholder: "name, id or owner", autocomplete: "off", oninput: (e) => { clearTimeout(waiting); waiting = setTimeout(() => set("search", e.target.value), 200); } });
    filters.replaceChildren(field("Search", search), ...FILTERS.filter(([f]) => options[f]?.length).map(([f, label]) => choice(f, label, options[f].map((v) => [v, CALLED[v] ?? words(v)]), chosen[f], (v) => set(f, v))),
      el("label", { class: "check" }, el("input", { type: "checkbox", checked: Boolean(chosen.mine), onchange: (e) => set("mine", e.target.checked ? "1" : "") }), "Only mine"));
  }
  function draw(found) {
    sum.textContent = `${count(found.total, "account")}${found.total < found.all ? ` of ${found.all.toLocaleString("en-GB")}` : ""}`;
    say(sum.textContent);
    if (!rows.length) {
      list.replaceChildren(found.all ? empty("No account fits", chosen.mine ? `None of these is ${me.name}'s. Owners are named as in your data.` : "Check the spelling, or loosen a filter.") : empty("No accounts yet", "They come with customers and orders."));
      return;
    }
    const seen = (key) => rows.some((r) => r[key] !== null && r[key] !== undefined);
    const columns = [
      { label: "Account", key: "name", cell: (r) => [el("a", { href: `/accounts/${encodeURIComponent(r.customer_id)}` }, r.name || r.customer_id), r.strategic ? [" ", el("span", { class: "pill" }, "strategic")] : null] },
      seen("risk") && { label: "Risk", key: "risk", cell: (r) => (r.risk ? el("span", { class: `pill ${RISK[r.risk] || ""}`, title: r.risk_why || null }, CALLED[r.risk] ?? r.risk) : "–") },
      seen("mood") && { label: "Mood", key: "mood", cell: (r) => (r.mood === null ? el("span", { class: "quiet" }, "–") : moodPill(r.mood)) },
      seen("revenue") && { label: "12 months", key: "revenue", number: true, cell: (r) => el("span", { title: r.revenue_display }, short(r.revenue_display)) },
      seen("value") && { label: "Lifetime value", key: "value", number: true, cell: (r) => el("span", { title: r.value_display }, short(r.value_display)) },
      seen("tier") && { label: "Tier", key: "tier", cell: (r) => r.tier },
      seen("segment") && { label: "Buys like", key: "segment", cell: (r) => r.segment && words(r.segment) },
      seen("owner") && { label: "Owner", key: "owner", cell: (r) => r.owner && el("span", { class: "nowrap" }, r.owner) },
      seen("last_touch") && { label: "Last touch", key: "last_touch", cell: (r) => el("span", { class: "nowrap" }, onDay(r.last_touch)) },
    ].filter(Boolean);
    const falling = chosen.order === "desc";
    const onsort = async (key) => {
      const turned = (chosen.sort || "name") === key ? !falling : ["revenue", "value", "last_touch"].includes(key);
      chosen.order = turned ? "desc" : "";
      keep({ order: chosen.order });
      await set("sort", key);
      list.querySelector("th[aria-sort] button")?.focus();
    };
    list.replaceChildren(grid("Accounts", columns, rows, { sort: chosen.search ? "" : chosen.sort || "name", falling, onsort }), cursor ? el("p", {}, button(`More of ${found.total.toLocaleString("en-GB")}`, () => load(false))) : "");
  }
  return { node, ready: load() };
}
