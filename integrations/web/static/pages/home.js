// Home: what needs me today, and a place to ask.

import { get, made } from "../api.js";
import { el, markdown, table } from "../markup.js";
import { at, button, empty, failure, grid, head, loading, mark, short, spark } from "../ui.js";

const STATE = { met: "good", missed: "bad", unclear: "" };
// Promises with what was kept, and whether that is what was promised where it can be told.
function kept({ columns, rows }) {
  const verdict = (text) => /^(met|missed|unclear): (.*)$/.exec(text) ?? [null, "", text];
  return grid("Service against promise", [
    { label: columns[0], cell: (r) => r[0] },
    { label: "Kept", wide: true, cell: (r) => [STATE[verdict(r[1])[1]] === undefined ? null : el("span", { class: `pill ${STATE[verdict(r[1])[1]]}` }, verdict(r[1])[1]), ` ${verdict(r[1])[2]}`] },
    { label: columns[2], number: true, cell: (r) => r[2] },
  ], rows);
}

export function open({ me, go }) {
  const attention = el("section", { class: "card" }, el("h2", {}, "Accounts that need attention"), loading("looking through the accounts"));
  const promised = el("section", { class: "card" }, el("h2", {}, "Service against promise"), loading());
  const sent = el("section", { class: "card", hidden: true }, el("h2", {}, "Sent to you"));
  const figures = el("section", { class: "card" }, el("h2", {}, "The business against before"), loading());
  const rising = el("section", { class: "card" }, el("h2", {}, "Rising in what customers say"), loading());
  const briefs = el("section", { class: "card" }, el("h2", {}, "Briefs you read last"), loading());
  const input = el("input", { type: "search", id: "asked", "aria-label": "Ask a question", placeholder: "Ask about customers, orders, service, comments …", maxlength: "2000" });
  const chips = el("div", { class: "row" });
  const put = (q) => q.trim() && go(`/ask?q=${encodeURIComponent(q)}`);
  const form = el("form", { class: "card stack no-print", onsubmit: (e) => { e.preventDefault(); put(input.value); } }, el("div", { class: "askrow row" }, input, el("button", { type: "submit", class: "button primary" }, "Ask")), chips);
  const hello = new Date().getHours() < 12 ? "Good morning" : new Date().getHours() < 18 ? "Good afternoon" : "Good evening";
  const node = el("div", { class: "stack" }, head(`${hello}, ${me.name}`, "What needs you, what is rising, and a place to ask."), form, el("div", { class: "two" }, el("div", { class: "stack" }, attention, promised, figures), el("div", { class: "stack" }, sent, rising, briefs)));

  const fill = (card, ...inside) => card.replaceChildren(card.firstElementChild, ...inside.flat(Infinity).filter(Boolean));
  const of = (line) => { const ids = line.figures.map((f) => f.filters?.customer).find((c) => c?.length === 1); return ids ? `/accounts/${encodeURIComponent(ids[0])}` : null; };
  const told = (line) => {
    const cited = /^(.*?): (.*)$/s.exec(line.text);
    return el("li", {}, el("div", {}, cited ? [el("a", { href: of(line) ?? `/accounts?search=${encodeURIComponent(cited[1])}` }, el("strong", {}, cited[1])), ` – ${cited[2]}`] : line.text), line.rule ? el("div", { class: "small quiet" }, `Rule: ${line.rule}`) : null);
  };
  const message = (m) => el("li", {}, el("details", {}, el("summary", {}, m.title), markdown(m.text ?? "")), el("div", { class: "row" }, (m.ask ?? []).slice(0, 2).map(([label, question]) => button(label, () => put(question), { class: "chip", title: question })), el("span", { class: "small quiet" }, at(m.at))));
  const first = get("/api/v1/home").then((h) => {
    chips.replaceChildren(...h.questions.slice(0, 4).map((q) => button(q, () => put(q), { class: "chip" })));
    fill(rising, h.rising.length ? el("ul", { class: "list" }, h.rising.map((t) => el("li", {}, el("div", { class: "row" }, el("a", { href: `/themes/${t.theme_id}` }, t.name), mark(t.state)), spark(t.months, { bad: t.sentiment < -0.1, width: 150 }), el("div", { class: "small quiet" }, `${t.now} in the last 90 days, ${t.before} in the 90 before${t.value_display ? ` · ${short(t.value_display)} a year bought by who complains` : ""}`)))) : el("p", { class: "quiet" }, "No theme is said clearly more often than before."));
    fill(briefs, h.briefs.length ? el("ul", { class: "list" }, h.briefs.map((b) => el("li", {}, el("a", { href: `/accounts/${encodeURIComponent(b.customer_id)}` }, b.name || b.customer_id), el("div", { class: "small quiet" }, at(b.at))))) : el("p", { class: "quiet" }, "None yet. ", el("a", { href: "/accounts" }, "Choose an account"), " before your next call."));
  }).catch((problem) => { fill(rising, failure(problem)); fill(briefs); });
  made("/api/v1/home/promises", () => node.isConnected).then((p) => fill(promised, p.table?.rows.length ? [el("p", { class: "quiet" }, "The last 90 days, of all that were promised something."), kept(p.table)] : el("p", { class: "quiet" }, p.status === "answered" ? p.text : "No promise is recorded: the targets of service tiers come with service policies.")))
    .catch((problem) => fill(promised, failure(problem)));
  get("/api/v1/inbox?limit=5").then((found) => { sent.hidden = !found.items.length; fill(sent, el("ul", { class: "list" }, found.items.map(message))); }, () => {});
  made("/api/v1/home/attention", () => node.isConnected).then((b) => {
    const section = (key) => b.sections.find((s) => s.key === key);
    const bad = section("attention"), who = section("who"), sums = section("figures");
    const lines = bad?.lines.filter((l) => l.rule) ?? [];
    fill(attention, who ? el("p", { class: "quiet" }, who.lines.map((l) => l.text).join(" ")) : null, lines.length ? el("ul", { class: "list" }, lines.map(told)) : el("p", {}, bad?.lines[0]?.text ?? "No account needs attention."));
    fill(figures, sums?.tables.length ? sums.tables.map((t) => table(t, "Figures against before")) : (sums?.lines ?? []).map((l) => markdown(l.text)));
  }).catch((problem) => { fill(attention, problem.code === "no_data" ? empty("No accounts yet", "They come with customers and orders.") : failure(problem)); fill(figures, el("p", { class: "quiet" }, "No figures.")); });
  return { node, ready: first };
}
