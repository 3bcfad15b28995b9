// Ask: a conversation that is there again after a reload, with those before it beside it.

import { ask, get, query } from "../api.js";
import { el } from "../markup.js";
import { at, button, failure, loading, say } from "../ui.js";
import { shownAnswer } from "../answers.js";

export function open({ parts, params, go }) {
  let thread = parts[0] || "";
  const log = el("div", { class: "log", role: "log", "aria-label": "Conversation" });
  const input = el("textarea", { id: "question", rows: "1", maxlength: "2000", placeholder: "Ask about customers, orders, service, comments …", "aria-label": "Your question" });
  const form = el("form", { class: "askbar" }, input, el("button", { type: "submit", class: "button primary" }, "Ask"));
  const chips = el("div", { class: "row" });
  const heading = el("h1", { tabindex: "-1", class: thread ? "unseen" : null }, thread ? "Conversation" : "What would you like to know?");
  const welcome = el("section", { hidden: Boolean(thread) }, el("p", { class: "quiet" }, "Every figure is traced to its definition and its rows; what cannot be answered is refused in words."), chips);
  const past = el("ul", {});
  const search = el("input", { type: "search", id: "past", "aria-label": "Search your questions", placeholder: "Search your questions" });
  const node = el("div", { class: "asking" },
    el("div", { class: "talk" }, heading, welcome, log, form),
    el("aside", { class: "history no-print", "aria-label": "Your conversations" }, button("New conversation", () => go("/ask")), el("p", {}), search, past));
  let busy = false;

  async function put(question) {
    if (busy || !question.trim()) return;
    busy = true;
    welcome.hidden = true;
    heading.className = "unseen";
    if (!thread) {
      thread = `web-${crypto.randomUUID()}`;
      history.replaceState({}, "", `/ask/${thread}`);
    }
    const step = loading("reading the question");
    const turn = el("article", { class: "turn" }, el("h2", { class: "asked" }, question), step);
    log.append(turn);
    input.value = "";
    grow();
    turn.scrollIntoView({ block: "start" });
    try {
      const answer = await ask(question, thread, (text) => (step.textContent = `${text} …`));
      step.replaceWith(shownAnswer(answer, put));
      say(`Answer: ${answer.text.split("\n\n")[0].replace(/[*_`]/g, "")}`);
    } catch (problem) {
      step.replaceWith(failure(problem), button("Ask again", () => put(question), { class: "chip" }));
    }
    busy = false;
    turn.scrollIntoView({ block: "start" });
    input.focus({ preventScroll: true });
    before();
  }

  async function before() {
    try {
      const found = await get(`/api/v1/threads${query({ search: search.value, limit: 40 })}`);
      past.replaceChildren(...found.items.map((t) => el("li", {}, el("a", { href: `/ask/${t.id}`, "aria-current": t.id === thread ? "true" : null }, t.questions[0], el("br"), el("span", { class: "quiet" }, `${at(t.at)}${t.questions.length > 1 ? ` · ${t.questions.length} questions` : ""}`)))));
      if (!found.items.length) past.replaceChildren(el("li", { class: "quiet" }, search.value ? "No question of yours has these words." : "Your questions will stand here."));
    } catch (problem) {
      past.replaceChildren(el("li", {}, failure(problem)));
    }
  }

  async function again() {
    const found = await get(`/api/v1/threads/${encodeURIComponent(thread)}`).catch((problem) => ({ items: [], problem }));
    if (found.problem && found.problem.status !== 404) log.append(failure(found.problem));
    for (const answer of found.items) log.append(el("article", { class: "turn" }, el("h2", { class: "asked" }, answer.question), shownAnswer(answer, put)));
    if (found.hidden) log.append(el("p", { class: "note" }, "Some answers are not shown: what you may see has changed since."));
    log.lastElementChild?.scrollIntoView({ block: "start" });
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight + 2, 160)}px`;
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); put(input.value); });
  input.addEventListener("input", grow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); put(input.value); }
  });
  let waiting;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(before, 200); });
  get("/api/v1/home").then((h) => chips.replaceChildren(...h.questions.map((q) => button(q, () => put(q), { class: "chip" }))), () => {});
  before();
  const asked = params.get("q");
  const ready = thread ? again() : Promise.resolve();
  if (asked && !thread) setTimeout(() => put(asked));
  return { node, ready, focus: input, keys: [["Enter", "asks"], ["Shift+Enter", "a new line"]] };
}
