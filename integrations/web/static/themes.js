// Themes: what customers say, why, in their words; and the review of it.

import { get, post } from "./api.js";
import { el, failure, markdown } from "./markup.js";

const REVIEWERS = ["quality", "manager", "admin"];

export function themesSection({ me, say }) {
  const list = el("div", { class: "themelist" }, el("p", { class: "quiet step" }, "reading …"));
  const card = el("article", { class: "theme", "aria-live": "polite" }, el("p", { class: "quiet" }, "Choose a theme to see why customers say it."));
  const node = el("div", { class: "split" }, el("section", { class: "side wide", "aria-label": "Themes" }, el("h1", {}, "What customers say"), list), card);
  let themes = [];

  async function load() {
    try {
      themes = (await get("/api/v1/themes?limit=200")).items;
      const most = Math.max(1, ...themes.map((t) => t.comments));
      list.replaceChildren(el("ul", { class: "picklist" }, themes.map((t) => {
        const bar = el("span", { class: t.sentiment < -0.1 ? "bar bad" : t.sentiment > 0.1 ? "bar good" : "bar" });
        bar.style.width = `${(100 * t.comments) / most}%`;
        return el("li", {}, el("a", { href: `#themes/${encodeURIComponent(t.theme_id)}` }, el("span", {}, t.name),
          el("span", { class: "quiet" }, `${t.comments} comments · ${mood(t.sentiment)}`), el("span", { class: "track", "aria-hidden": "true" }, bar)));
      })));
      if (!themes.length) list.replaceChildren(el("p", { class: "quiet" }, "No themes yet: import comments, then build."));
    } catch (problem) {
      list.replaceChildren(failure(problem));
    }
  }

  async function open(id) {
    if (!id) return;
    for (const link of list.querySelectorAll("a")) link.hash === `#themes/${encodeURIComponent(id)}` ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    card.replaceChildren(el("p", { class: "quiet step" }, "reading …"));
    try {
      const t = await get(`/api/v1/themes/${encodeURIComponent(id)}`);
      card.replaceChildren(
        el("h1", {}, t.name),
        el("p", { class: "quiet" }, `${t.comments} comments, ${t.customers ?? "?"} customers · ${mood(t.sentiment)} (${t.sentiment.toFixed(1)}) · ${t.told ? `${t.told} · ` : ""}${t.parent_name ? `part of ${t.parent_name} · ` : ""}${t.theme_id}`),
        ...t.safety.map((s) => el("p", {}, el("strong", {}, `Safety (${s.kind}): `), `“${s.text}” `, el("cite", {}, s.feedback_id))),
        t.reasons.length ? el("h2", {}, "Why they say it") : null,
        ...t.reasons.map((r) => el("section", { class: "reasoncard" },
          el("h3", {}, r.name, " ", el("span", { class: "count" }, r.told)),
          r.quotes.map((q) => el("blockquote", {}, `“${q.text}”`, el("cite", {}, q.feedback_id))))),
        ...(t.reasons.length ? [] : t.typical.map((q) => el("blockquote", {}, `“${q.text}”`, el("cite", {}, q.feedback_id)))),
        t.evidence ? el("h2", {}, "Who, whether it is so, what it costs") : null,
        t.evidence ? markdown(t.evidence) : null,
        el("p", {}, el("a", { class: "chip", href: `#ask/${encodeURIComponent(`comments about ${t.name.toLowerCase()}`)}` }, "Read the comments")),
        REVIEWERS.includes(me.like) ? review(t) : null);
    } catch (problem) {
      card.replaceChildren(failure(problem));
    }
  }

  function review(theme) {
    const name = el("input", { type: "text", id: "newname", value: theme.name, maxlength: "200" });
    const into = el("select", { id: "into" }, el("option", { value: "" }, "another theme …"), themes.filter((t) => t.theme_id !== theme.theme_id).map((t) => el("option", { value: t.theme_id }, t.name)));
    const said = el("p", { class: "quiet", role: "status" });
    async function decide(body, done) {
      try {
        await post(`/api/v1/themes/${encodeURIComponent(theme.theme_id)}/decisions`, body);
        said.textContent = `${done} It shows after the next build.`;
        say(said.textContent);
      } catch (problem) {
        said.textContent = `${problem.message} ${problem.hint}`;
      }
    }
    const on = (act) => (event) => {
      event.preventDefault();
      act();
    };
    return el("section", { class: "review" }, el("h2", {}, "Review"),
      el("form", { onsubmit: on(() => decide({ kind: "rename", name: name.value.trim() }, "Renamed.")) }, el("label", { for: "newname" }, "Name"), name, el("button", { type: "submit", class: "chip" }, "Rename")),
      el("form", { onsubmit: on(() => into.value && decide({ kind: "merge", into: into.value }, "Merged.")) }, el("label", { for: "into" }, "Same as"), into, el("button", { type: "submit", class: "chip" }, "Merge")),
      el("form", { onsubmit: on(() => decide({ kind: "approve" }, "Approved.")) }, el("button", { type: "submit", class: "chip" }, "Approve as it is")),
      said);
  }

  load();
  return { node, open };
}

const mood = (s) => (s < -0.4 ? "very negative" : s < -0.1 ? "negative" : s > 0.4 ? "very positive" : s > 0.1 ? "positive" : "mixed");
