// Review: a queue of comments that are uncertain and say something, worked by keyboard; and every decision, each with its undo.

import { del, get, post, query } from "../api.js";
import { el } from "../markup.js";
import { pick } from "../pick.js";
import { at, button, count, dialog, empty, failure, grid, head, loading, marked, onDay, say, toast, words } from "../ui.js";

const KEYS = [["Enter or a", "accept the theme"], ["t", "another theme"], ["n", "a new theme"], ["p", "split the theme"], ["l", "label its topic"], ["x", "not feedback"], ["s", "skip"], ["u", "undo the last"]];

export function open({ params, keep }) {
  const tab = params.get("tab") === "decisions" ? "decisions" : "queue";
  const place = el("div", {}, loading());
  const node = el("div", {}, head("Review", "Comments whose theme is uncertain. What you decide shows as pending at once and is applied by the next build; nothing is lost, and each can be undone."),
    el("nav", { class: "tabs", "aria-label": "Review" }, [["queue", "Queue"], ["decisions", "Decisions"]].map(([k, label]) => el("a", { href: `/review${k === "queue" ? "" : "?tab=decisions"}`, "aria-current": k === tab ? "page" : null }, label))), place);
  const made = tab === "queue" ? queue(place) : decisions(place, keep);
  return { node, ready: made.ready, keys: tab === "queue" ? KEYS : [], key: made.key };
}

function queue(place) {
  let items = [], total = 0, done = 0, revision = 0, busy = false, next = null;
  const log = [];
  let themes = null, topics = null;

  async function load() {
    try {
      const found = await get("/api/v1/voice/queue?limit=100");
      [items, total, revision, next] = [found.items, found.total, found.revision, found.next];
      draw();
    } catch (problem) {
      place.replaceChildren(failure(problem));
    }
  }
  function draw() {
    const item = items[0];
    if (!item) return place.replaceChildren(el("div", { class: "card" }, empty("The queue is empty", "Every comment that was uncertain has been looked at.")));
    const share = el("span", {});
    share.style.width = `${total ? (100 * done) / (done + total) : 100}%`;
    place.replaceChildren(
      el("p", { class: "quiet" }, `${count(total, "comment")} left${done ? ` · ${done} done` : ""}`), el("div", { class: "bar", "aria-hidden": "true" }, share), el("p", {}),
      el("div", { class: "queue" },
        el("article", { class: "card", "aria-label": "Comment", tabindex: "-1", id: "comment" },
          el("p", { class: "comment" }, marked(item.text, [item])),
          el("p", { class: "small quiet row" }, [item.customer, item.order_id ? `order ${item.order_id}` : "", onDay(item.at), item.channel, item.feedback_id].filter(Boolean).map((t) => el("span", {}, t))),
          el("p", {}, item.in_theme ? "Now in " : "In no theme; nearest is ", el("strong", {}, item.theme || "no theme"), item.in_theme ? ", but hardly nearer to it than to another." : "."),
          el("p", { class: "small quiet" }, "Topic: ", item.aspect ? words(item.aspect.split(".").join(": ")) : "uncertain")),
        el("div", { class: "ways", role: "group", "aria-label": "What it is" },
          way("a", item.theme ? `Yes: ${item.theme}` : "Yes", accept, !item.theme_id), way("t", "Another theme …", another), way("n", "A new theme …", fresh), way("p", item.theme ? `Split “${item.theme}” …` : "Split the theme …", split, !item.theme_id), way("l", "Label its topic …", label), way("x", "Not feedback", () => decide({ kind: "not_feedback", feedback_id: item.feedback_id })), way("s", "Skip", skip), way("u", "Undo the last", undo, !log.length))));
    say(`${item.text}. Nearest theme: ${item.theme || "none"}.`);
    document.getElementById("comment").focus({ preventScroll: true });
  }
  const way = (key, text, act, disabled = false) => el("button", { type: "button", class: `button ${key === "a" ? "primary" : ""}`, onclick: act, disabled }, el("span", {}, text), el("kbd", { "aria-hidden": "true" }, key));
  function forward() {
    items.shift();
    total -= 1;
    done += 1;
    if (items.length < 5 && next) load(); else draw();
  }
  async function decide(body) {
    if (busy) return;
    busy = true;
    try {
      const made = await post("/api/v1/voice/decisions", { seen: revision, ...body });
      revision = made.revision;
      log.push({ undo: () => del(`/api/v1/voice/decisions/${made.id}`), item: items[0] });
      forward();
    } catch (problem) {
      toast(`${problem.message} ${problem.hint}`);
      if (problem.code === "meanwhile") await load();
    }
    busy = false;
  }
  const accept = () => items[0]?.theme_id && decide({ kind: "assign", theme: items[0].theme_id, feedback_id: items[0].feedback_id });
  function skip() {
    items.push(items.shift());
    draw();
  }
  async function undo() {
    const last = log.pop();
    if (!last || busy) return;
    busy = true;
    try {
      const told = await last.undo();
      if (told?.revision) revision = told.revision;
      if (last.item) {
        items.unshift(last.item);
        total += 1;
        done -= 1;
      }
      draw();
      toast("Undone.");
    } catch (problem) {
      toast(problem.message);
    }
    busy = false;
  }
  async function another() {
    themes ??= (await get("/api/v1/voice/board")).groups.flatMap((g) => g.themes.map((t) => ({ id: t.theme_id, label: t.name, more: g.name })));
    const id = await pick("Which theme?", themes);
    if (id) decide({ kind: "assign", theme: id, feedback_id: items[0].feedback_id });
  }
  async function fresh() {
    const name = await dialog("A new theme", (close) => {
      const field = el("input", { id: "called", "aria-label": "Its name", maxlength: "200", required: true, placeholder: "in a few words" });
      return el("form", { onsubmit: (e) => { e.preventDefault(); close(field.value.trim()); } }, field, el("div", { class: "row" }, el("button", { type: "submit", class: "button primary" }, "Make it"), button("Cancel", () => close(null))));
    });
    if (name) decide({ kind: "new", name, feedback_id: items[0].feedback_id });
  }
  // A reason of the theme becomes a theme of its own; the comment itself is still to be looked at.
  async function split() {
    const id = items[0]?.theme_id;
    if (!id || busy) return;
    busy = true;
    try {
      const theme = await get(`/api/v1/voice/themes/${encodeURIComponent(id)}`);
      if (theme.reasons.length < 2) toast(`“${theme.name}” has no reasons to tell apart.`);
      else {
        const reason = await pick(`Which reason of “${theme.name}” is a theme of its own?`, theme.reasons.map((r) => ({ id: r.reason_id, label: r.name, more: count(r.comments, "comment") })));
        if (reason) {
          const made = await post("/api/v1/voice/decisions", { seen: revision, kind: "split", theme: id, reason });
          revision = made.revision;
          log.push({ undo: () => del(`/api/v1/voice/decisions/${made.id}`), item: null });
          draw();
          toast("Noted: split off at the next build.", "Undo", undo);
        }
      }
    } catch (problem) {
      toast(`${problem.message} ${problem.hint}`);
      if (problem.code === "meanwhile") await load();
    }
    busy = false;
  }
  async function label() {
    topics ??= (await get("/api/v1/voice/topics")).items.map((t) => ({ id: t.id, label: t.label, more: t.parent, describes: t.describes }));
    const aspect = await pick("What is it about?", topics);
    if (!aspect || busy) return;
    busy = true;
    const item = items[0];
    try {
      const at_ = { feedback_id: item.feedback_id, start: item.start, end: item.end };
      await post("/api/v1/voice/labels", { ...at_, aspect });
      log.push({ undo: () => post("/api/v1/voice/labels", { ...at_, aspect: null }), item });
      forward();
    } catch (problem) {
      toast(problem.message);
    }
    busy = false;
  }
  function key(event) {
    const act = { Enter: event.target.closest?.("button, a") ? null : accept, a: accept, t: another, n: fresh, p: split, l: label, x: () => decide({ kind: "not_feedback", feedback_id: items[0]?.feedback_id }), s: skip, u: undo }[event.key];
    if (act && !busy && (items.length || event.key === "u")) { event.preventDefault(); act(); }
  }
  return { ready: load(), key };
}

function decisions(place, keep) {
  let cursor = null;
  const rows = [];
  async function load(anew) {
    if (anew) { rows.length = 0; cursor = null; }
    try {
      const found = await get(`/api/v1/voice/decisions${query({ limit: 50, cursor })}`);
      rows.push(...found.items);
      cursor = found.next;
      place.replaceChildren(rows.length ? el("div", { class: "card" }, grid("Decisions", [
        { label: "What", wide: true, cell: (d) => d.says[0].toUpperCase() + d.says.slice(1) }, { label: "Who", cell: (d) => d.who }, { label: "When", cell: (d) => el("span", { class: "nowrap" }, at(d.at)) },
        { label: "State", cell: (d) => el("span", { class: `pill ${d.state === "pending" ? "warn" : d.state === "applied" ? "good" : ""}` }, d.state) },
        { label: "", cell: (d) => (d.state === "undone" ? "" : el("button", { type: "button", class: "link", "aria-label": `Undo: ${d.says}`, onclick: async () => { try { await del(`/api/v1/voice/decisions/${d.id}`); toast("Undone."); } catch (problem) { toast(problem.message); } load(true); } }, "Undo")) },
      ], rows), cursor ? button("More", () => load(false)) : null) : el("div", { class: "card" }, empty("Nothing was decided yet", "Decisions of the queue and of themes stand here.")));
    } catch (problem) {
      place.replaceChildren(failure(problem));
    }
    keep({ tab: "decisions" });
  }
  return { ready: load(true) };
}
