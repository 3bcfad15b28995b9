// One theme: why they say it in their words, since when, who, whether it is true, what it costs, the comments, its history, what to do.

import { del, get, post, query } from "../api.js";
import { chart } from "../charts.js";
import { el, fill, table } from "../markup.js";
import { pick } from "../pick.js";
import { at, button, choice, count, dialog, empty, failure, field, inWords, loading, mark, marked, meter, moodPill, onDay, percent, short, signed, toast } from "../ui.js";
import { FILTERS, SPANS, span } from "./themes.js";

const REVIEWERS = ["quality", "manager", "admin"];
const CHANCE = "q: how likely such a change is by chance alone, all that were looked at taken together";
const distinct = (quotes) => quotes.filter((q, i) => quotes.findIndex((o) => o.text.toLowerCase() === q.text.toLowerCase()) === i);
const VERDICT = { corroborated: ["good", "borne out"], contradicted: ["bad", "contradicted"], no_record: ["", "no record"] };

export function open({ me, parts, params, keep, go, title }) {
  const id = parts[0];
  const chosen = Object.fromEntries(["days", ...FILTERS].map((f) => [f, params.get(f) || ""]));
  const node = el("div", { class: "stack" }, loading());
  const reviewer = REVIEWERS.includes(me.like) && me.sees_all;
  let theme = null, asOf = null;
  const given = () => ({ ...Object.fromEntries(FILTERS.map((f) => [f, chosen[f]])), ...span(new URLSearchParams(chosen), asOf) });

  async function load() {
    asOf ??= (await get("/api/v1/snapshots/current")).as_of.slice(0, 10);
    theme = await get(`/api/v1/voice/themes/${encodeURIComponent(id)}${query(given())}`);
    title(theme.name);
    const narrowed = Object.values(chosen).some(Boolean);
    fill(node,
      el("p", { class: "no-print" }, el("a", { href: `/themes${location.search}` }, "← All themes")),
      el("div", { class: "head" },
        el("div", {}, el("h1", { tabindex: "-1" }, theme.name), el("p", { class: "row" }, theme.parent_name ? el("span", { class: "quiet" }, `in ${theme.parent_name}`) : null, mark(theme.trend?.state), theme.status === "approved" ? el("span", { class: "pill good" }, "approved") : null,
          theme.history.filter((d) => d.state === "pending").map((d) => el("span", { class: "pill warn" }, `pending: ${d.says}`)))),
        el("div", { class: "row no-print" }, el("a", { class: "button", href: `/ask?q=${encodeURIComponent(`comments about ${theme.name.toLowerCase()}`)}` }, "Ask about it"), reviewer ? button("Review …", review, { class: "primary" }) : null)),
      narrowed ? el("p", { class: "note no-print" }, "Course and comments are of what is filtered; the rest is of all comments. ", el("a", { href: `/themes/${encodeURIComponent(id)}` }, "Show everything")) : null,
      facts(),
      el("div", { class: "two" },
        el("div", { class: "stack" }, safety(), reasons(), course(), comments()),
        el("div", { class: "stack" }, who(), record(), costs(), related(), historyCard())));
  }

  const card = (name, ...inside) => el("section", { class: "card" }, el("h2", {}, name), inside);
  function facts() {
    const behind = theme.behind ?? {};
    const items = [["Comments", theme.comments.toLocaleString("en-GB")], ["Customers", (theme.customers ?? 0).toLocaleString("en-GB")], ["Mood", moodPill(theme.sentiment)], ["First said", onDay(theme.first_at)], ["Last said", onDay(theme.last_at)]];
    if (behind.revenue) items.push(["Bought in 12 months by who complains", el("span", { title: behind.revenue.display }, short(behind.revenue.display))]);
    return el("dl", { class: "facts card" }, items.map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, v))));
  }
  const safety = () => (theme.safety.length ? card("Safety", theme.safety.map((s) => el("blockquote", {}, el("span", { class: "pill bad" }, s.kind.replaceAll("_", " ")), ` “${s.text}”`, el("cite", {}, s.feedback_id)))) : null);
  function reasons() {
    if (!theme.reasons.length) return card("In their words", theme.typical.length ? theme.typical.map((q) => el("blockquote", {}, `“${q.text}”`, el("cite", {}, q.feedback_id))) : el("p", { class: "quiet" }, "Too few comments to tell reasons apart."));
    return card("Why they say it", theme.reasons.map((r) => el("section", {}, el("h3", { class: "row" }, r.name, el("span", { class: "quiet small", title: CHANCE }, inWords(r.told))), meter(r.share, theme.sentiment < -0.1), distinct(r.quotes).slice(0, 2).map((q) => el("blockquote", {}, el("mark", {}, q.text), el("cite", {}, q.feedback_id))))));
  }
  function course() {
    const { months, comments: counts } = theme.course;
    if (months.length < 3) return null;
    const values = months.map((m, i) => ({ at: m, value: counts[i], display: String(counts[i]) }));
    const step = theme.trend?.step_month;
    const place = { x: { field: "at", type: "ordinal", title: null }, y: { field: "value", type: "quantitative", title: "comments", axis: { format: "d" } }, tooltip: [{ field: "at", title: "month" }, { field: "display", title: "comments" }] };
    const told = inWords(theme.told || (step ? `since ${step}` : ""));
    const spec = { data: { values: step ? values.map((v) => ({ ...v, when: v.at < step ? "before" : "since" })) : values }, mark: { type: "bar" }, encoding: { ...place, ...(step ? { color: { field: "when", type: "nominal", title: null, scale: { domain: ["before", "since"] } } } : {}) }, description: `${theme.name} by month: ${values.slice(-12).map((v) => `${v.at} ${v.value}`).join(", ")}` };
    return card("Over time", told ? el("p", { class: "quiet", title: CHANCE }, told[0].toUpperCase() + told.slice(1)) : null, chart(spec),
      el("details", { class: "more no-print" }, el("summary", {}, "As a table"), table({ columns: ["Month", "Comments", "Of all comments"], rows: months.map((m, i) => [inWords(m), String(counts[i]), theme.course.share[i] === null ? "" : `${(100 * theme.course.share[i]).toFixed(1)} %`]) }, "Comments by month")));
  }
  function who() {
    const clear = theme.who.filter((w) => w.standing !== "explained").slice(0, 6);
    if (!clear.length) return null;
    return card("Who says it", el("ul", { class: "list" }, clear.map((w) => el("li", {}, el("div", {}, `${w.dimension.replaceAll("_", " ")} `, el("strong", {}, w.level)), el("div", { class: "small quiet" }, `${w.rest_said ? `${w.ratio.toFixed(1)} × as often as elsewhere` : "only there"}: ${w.said} of ${w.of} comments, elsewhere ${w.rest_said} of ${w.rest_of}`)))));
  }
  function record() {
    if (!theme.checked) return null;
    const n = theme.checked.counts;
    const shown = ["contradicted", "corroborated"].flatMap((v) => (theme.checked.shown[v] ?? []).slice(0, 2).map((c) => el("blockquote", {}, `“${c.text}”`, el("cite", {}, c.feedback_id), el("div", { class: "small quiet" }, el("span", { class: `pill ${VERDICT[v][0]}` }, VERDICT[v][1]), ` ${c.evidence}`))));
    const decided = (n.corroborated ?? 0) + (n.contradicted ?? 0);
    return card("What the record says", el("p", {}, decided ? [el("span", { class: "figure" }, percent((n.corroborated ?? 0) / decided)), ` borne out (${n.corroborated ?? 0} of ${decided} that the record decides)`] : "The record decides none of it.", n.no_record ? ` · ${n.no_record} without a record` : ""), shown);
  }
  function costs() {
    const lines = theme.moves.map((m) => `${signed(m.effect)} ${m.measure === "nps" ? "points of NPS" : "on the rating"} among those who say it (95 % ${signed(m.low)} to ${signed(m.high)}; an association)`);
    const b = theme.behind ?? {};
    if (b.revenue) lines.push(`The ${b.customers} customers who complain of it bought ${b.revenue.display} in twelve months.`);
    if (b.gross_margin) lines.push(`Gross margin of these: ${b.gross_margin.display}.`);
    return lines.length ? card("What it costs", lines.map((l) => el("p", {}, l))) : null;
  }
  const related = () => (theme.related.length ? card("Said in the same comments", el("ul", { class: "list" }, theme.related.map((r) => el("li", {}, el("a", { href: `/themes/${r.theme_id}` }, r.name), el("span", { class: "quiet small" }, ` ${count(r.together, "comment")}`))))) : null);
  function historyCard() {
    const born = theme.lineage[0];
    const rows = theme.history.map((d) => el("li", {}, el("div", {}, d.says, " ", el("span", { class: `pill ${d.state === "pending" ? "warn" : ""}` }, d.state)), el("div", { class: "small quiet row" }, `${d.who}, ${at(d.at)}`, reviewer && d.state !== "undone" ? el("button", { type: "button", class: "link", onclick: () => undo(d.id) }, "Undo") : null)));
    return card("History", rows.length ? el("ul", { class: "list" }, rows) : el("p", { class: "quiet" }, "Nobody has decided about it."), el("p", { class: "small quiet" }, `${id}${born ? ` · ${born.kind} in snapshot ${born.snapshot}` : ""}`));
  }

  function comments() {
    const list = el("ul", { class: "list" });
    const more = el("div", {});
    const search = el("input", { type: "search", id: "within", placeholder: "a word", "aria-label": "Search these comments" });
    let cursor = null, reason = "", number = 0;
    async function read(anew) {
      if (anew) { cursor = null; list.replaceChildren(el("li", {}, loading())); }
      const mine = (number += 1);
      try {
        const found = await get(`/api/v1/voice/themes/${encodeURIComponent(id)}/comments${query({ ...given(), reason, search: search.value, cursor, limit: 10 })}`);
        if (mine !== number) return;
        if (anew) list.replaceChildren();
        list.append(...found.items.map(comment));
        if (!found.total) list.append(el("li", {}, empty("No comment fits", "Loosen a filter.")));
        cursor = found.next;
        more.replaceChildren(cursor ? button(`More of ${found.total.toLocaleString("en-GB")}`, () => read(false)) : "");
      } catch (problem) {
        list.replaceChildren(el("li", {}, failure(problem)));
      }
    }
    let waiting;
    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => read(true), 250); });
    read(true);
    return card("Comments", el("div", { class: "filters no-print" }, choice("reason", "Reason", theme.reasons.map((r) => [r.reason_id, r.name]), "", (v) => { reason = v; read(true); }, "any"), choice("days", "Period", SPANS, chosen.days, (v) => { chosen.days = v; keep({ days: v }); load(); }, "all the data"), field("Words", search)), list, more);
  }
  function comment(c) {
    const [kind, said] = VERDICT[c.verdict] ?? ["", ""];
    return el("li", {}, el("p", {}, marked(c.text, [c])),
      el("div", { class: "small quiet row" }, c.customer ? el("a", { href: `/accounts/${encodeURIComponent(c.customer_id)}` }, c.customer) : "no customer", c.order_id ? el("span", {}, `order ${c.order_id}`) : null, el("span", {}, onDay(c.at)), el("span", {}, c.channel ?? ""), el("span", {}, c.feedback_id), said ? el("span", { class: `pill ${kind}` }, said) : null, reviewer ? el("button", { type: "button", class: "link no-print", "aria-label": `Move comment ${c.feedback_id} to another theme`, onclick: () => move(c) }, "Move …") : null));
  }

  const others = async () => (await get("/api/v1/voice/board").catch(() => ({ groups: [] }))).groups.flatMap((g) => g.themes.map((t) => ({ id: t.theme_id, label: t.name, more: g.name }))).filter((t) => t.id !== id);
  async function move(c) {
    const into = await pick("To which theme?", await others());
    const failed = into ? await decide({ kind: "move", feedback_id: c.feedback_id, into }) : null;
    if (failed) toast(failed.textContent);
  }
  async function decide(body, close) {
    try {
      const made = await post("/api/v1/voice/decisions", { theme: id, seen: theme.revision, ...body });
      close?.(true);
      toast("Noted: pending until the next build.", "Undo", () => undo(made.id));
      await load();
    } catch (problem) {
      return failure(problem);
    }
    return null;
  }
  async function undo(number) {
    try {
      await del(`/api/v1/voice/decisions/${number}`);
      toast("Undone.");
    } catch (problem) {
      toast(problem.message);
    }
    await load();
  }
  async function review() {
    const known = (await others()).sort((a, b) => a.label.localeCompare(b.label));
    dialog(`Review “${theme.name}”`, (close) => {
      const wrong = el("div", {});
      const run = (body) => async (event) => { event.preventDefault(); const failed = await decide(body(), close); if (failed) wrong.replaceChildren(failed); };
      const name = el("input", { id: "newname", value: theme.name, maxlength: "200", required: true });
      const into = el("select", { id: "into", required: true }, el("option", { value: "" }, "choose …"), known.map((t) => el("option", { value: t.id }, t.label)));
      const reason = el("select", { id: "split", required: true }, el("option", { value: "" }, "choose …"), theme.reasons.map((r) => el("option", { value: r.reason_id }, `${r.name} (${r.comments})`)));
      const owner = el("input", { id: "owner", maxlength: "100", required: true });
      const due = el("input", { id: "due", type: "date" });
      const line = (body, label, control, does, extra) => el("form", { onsubmit: run(body) }, field(label, control), extra ?? null, el("div", {}, el("button", { type: "submit", class: "button" }, does)));
      return [wrong,
        line(() => ({ kind: "rename", name: name.value.trim() }), "Another name", name, "Rename"),
        line(() => ({ kind: "merge", into: into.value }), "The same as", into, "Merge into it"),
        theme.reasons.length > 1 ? line(() => ({ kind: "split", reason: reason.value }), "Make one reason a theme of its own", reason, "Split off") : null,
        line(() => ({ kind: "action", owner: owner.value.trim(), due: due.value || null }), "Give it to", owner, "Assign", field("Due", due)),
        el("div", { class: "row" }, button("Approve as it is", async () => { const failed = await decide({ kind: "approve" }, close); if (failed) wrong.replaceChildren(failed); }, { class: "primary" }), button("Close", () => close(false)))];
    });
  }
  return { node, ready: load(), keys: reviewer ? [["e", "reviews this theme"]] : [], key: (event) => { if (event.key === "e" && reviewer) review(); }, go };
}
