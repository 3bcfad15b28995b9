// Ask: a conversation. Answers come with tables, charts, quotes, choices, and how they were made.

import { ask, file, get, post } from "./api.js";
import { csv, el, failure, markdown, save, table } from "./markup.js";

const EXAMPLES = [
  "top 5 customers by revenue this year",
  "why are customers unhappy?",
  "on-time delivery by month in 2026",
  "return rate by category in 2026",
];

export function askSection({ say }) {
  const conversation = `web-${crypto.randomUUID()}`;
  const log = el("div", { class: "log", role: "log", "aria-label": "Conversation" });
  const input = el("textarea", { id: "question", rows: "1", maxlength: "2000", placeholder: "Ask about customers, orders, service, comments …", "aria-label": "Your question" });
  const send = el("button", { type: "submit", class: "primary" }, "Ask");
  const form = el("form", { class: "askbar" }, input, send);
  const welcome = el("section", { class: "welcome" }, el("h1", {}, "What would you like to know?"),
    el("p", {}, "Every figure is traced to its definition and its rows; what cannot be answered is refused in words."),
    el("div", { class: "chips" }, EXAMPLES.map((q) => chip(q))));
  const node = el("div", { class: "asking" }, welcome, log, form);
  let busy = false;

  function chip(question, label = question, kind = "chip") {
    return el("button", { type: "button", class: kind, onclick: () => put(question) }, label);
  }

  async function put(question) {
    if (busy || !question.trim()) return;
    busy = true;
    welcome.hidden = true;
    const step = el("p", { class: "quiet step" }, "reading the question …");
    const turn = el("article", { class: "turn" }, el("h2", { class: "asked" }, question), step);
    log.append(turn);
    input.value = "";
    grow();
    turn.scrollIntoView({ block: "start", behavior: "smooth" });
    try {
      const answer = await ask(question, conversation, (text) => (step.textContent = `${text} …`));
      step.replaceWith(shown(answer));
      say("Answer: " + answer.text.split("\n\n")[0].replace(/[*_`]/g, ""));
    } catch (problem) {
      const again = el("button", { type: "button", class: "chip", onclick: () => put(question) }, "Ask again");
      step.replaceWith(failure(problem), again);
    }
    busy = false;
    turn.scrollIntoView({ block: "start", behavior: "smooth" });
    input.focus({ preventScroll: true });
  }

  function shown(answer) {
    const more = [...answer.nearest, ...answer.followups].filter((q, i, all) => all.indexOf(q) === i);
    const cited = answer.citations.filter((c) => c.title || c.id);
    return el("div", { class: `answer ${answer.status}` },
      markdown(answer.text),
      answer.chart ? chart(answer) : null,
      answer.table?.rows?.length ? tabled(answer) : null,
      quotes(answer.quotes.filter((q) => !answer.text.includes(q.text))),
      answer.choices.length ? el("div", { class: "chips", role: "group", "aria-label": "Which do you mean?" }, answer.choices.map((c) => chip(c.question, c.label, "choice"))) : null,
      cited.length ? el("p", { class: "quiet" }, "Sources: ", cited.map((c) => [c.title || c.id, c.locator].filter(Boolean).join(", ")).join(" · ")) : null,
      more.length ? el("div", { class: "chips", role: "group", "aria-label": "Ask next" }, more.map((q) => chip(q))) : null,
      actions(answer));
  }

  function chart(answer) {
    const figure = el("figure", { class: "chart" }, el("p", { class: "quiet" }, "Drawing the chart …"));
    file(`/api/v1/answers/${answer.id}/chart.svg`).then(
      (blob) => figure.replaceChildren(el("img", { src: URL.createObjectURL(blob), alt: answer.chart.description || "Chart of the table below" })),
      () => figure.remove());
    return figure;
  }

  function tabled(answer) {
    const whole = answer.table;
    const first = 12;
    const holder = el("div", {}, table({ ...whole, rows: whole.rows.slice(0, first) }, "Figures"));
    if (whole.rows.length > first) {
      holder.append(el("button", { type: "button", class: "plain", onclick: () => holder.replaceChildren(table(whole, "Figures")) }, `Show all ${whole.rows.length} rows`));
    }
    return holder;
  }

  function quotes(items) {
    return items.length ? el("div", { class: "quotes" }, items.slice(0, 8).map((q) => el("blockquote", {}, `“${q.text}”`, el("cite", {}, q.feedback_id)))) : null;
  }

  function actions(answer) {
    const how = el("div", { class: "how", hidden: true });
    const toggle = el("button", { type: "button", class: "plain", "aria-expanded": "false", onclick: () => open() }, "Show how");
    async function open() {
      const opening = how.hidden;
      how.hidden = !opening;
      toggle.setAttribute("aria-expanded", String(opening));
      if (!opening || how.childNodes.length) return;
      try {
        how.replaceChildren(...explained(await get(`/api/v1/answers/${answer.id}/how`)));
      } catch (problem) {
        how.replaceChildren(failure(problem));
      }
    }
    const said = el("span", { class: "quiet", role: "status" });
    const judge = (useful) => async () => {
      let reason = "";
      if (!useful) {
        const field = el("input", { type: "text", "aria-label": "What was wrong with it?", placeholder: "What was wrong with it?", maxlength: "500" });
        const form = el("form", { class: "reason", onsubmit: async (e) => { e.preventDefault(); await tell(false, field.value); } }, field, el("button", { type: "submit", class: "chip" }, "Send"));
        said.replaceChildren(form);
        field.focus();
        return;
      }
      await tell(useful, reason);
    };
    async function tell(useful, reason) {
      try {
        await post(`/api/v1/answers/${answer.id}/opinion`, { useful, reason });
        said.textContent = "Thank you.";
      } catch (problem) {
        said.textContent = problem.message;
      }
    }
    const copy = async () => {
      await navigator.clipboard?.writeText(answer.text.replace(/[*_`]/g, ""));
      said.textContent = "Copied.";
    };
    return el("div", {},
      el("div", { class: "actions" },
        toggle,
        answer.table?.rows?.length ? el("button", { type: "button", class: "plain", onclick: () => save(csv(answer.table), `rapport-${answer.id}.csv`) }, "Table as CSV") : null,
        el("button", { type: "button", class: "plain", onclick: copy }, "Copy"),
        el("button", { type: "button", class: "plain", "aria-label": "This answer was useful", onclick: judge(true) }, "Useful"),
        el("button", { type: "button", class: "plain", "aria-label": "This answer was not useful", onclick: judge(false) }, "Not useful"),
        said),
      how);
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    put(input.value);
  });
  input.addEventListener("input", grow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      put(input.value);
    }
  });
  let asked = "";
  return {
    node,
    open(question) {
      if (question && question !== asked) {
        asked = question;
        put(question);
      } else input.focus();
    },
  };
}

function explained(how) {
  const out = [];
  for (const d of how.definitions.slice(0, 4)) {
    const facts = [d.period ? `${d.period.start} to ${d.period.end}` : "", `${d.rows.toLocaleString("en-GB")} rows`, d.source ? `source: ${d.source}` : ""].filter(Boolean).join(" · ");
    out.push(el("p", {}, el("strong", {}, d.label), ": ", d.definition || ""), el("p", { class: "quiet" }, facts));
  }
  const understood = Object.entries(how.understood).filter(([k]) => !["choices", "nearest"].includes(k));
  if (understood.length) {
    out.push(el("h3", {}, "What was understood"), el("dl", {}, understood.flatMap(([k, v]) => [el("dt", {}, k.replaceAll("_", " ")), el("dd", {}, words(v))])));
  }
  for (const q of how.queries) if (q.sql) out.push(el("h3", {}, "SQL"), el("pre", { tabindex: "0" }, q.sql));
  for (const note of how.notes) out.push(el("p", { class: "quiet" }, note));
  out.push(el("p", { class: "quiet" }, `Snapshot ${how.snapshot}`));
  return out;
}

function words(value) {
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (value && typeof value === "object") {
    if ("label" in value && "dimension" in value) return `${value.label} (${String(value.dimension).replaceAll("_", " ")})`;
    if ("start" in value) return value.label ? `${value.label}: ${value.start} to ${value.end}` : `${value.start} to ${value.end}`;
    return Object.entries(value).map(([k, v]) => `${k.replaceAll("_", " ")}: ${words(v)}`).join("; ");
  }
  return String(value);
}
