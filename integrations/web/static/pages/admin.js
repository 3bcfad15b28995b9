// Admin: people and their ways in, what is sent to whom, and who did what.

import { del, file, get, post, put, query } from "../api.js";
import { el, save } from "../markup.js";
import { at, button, choice, confirmed, dialog, empty, failure, field, grid, head, loading, onDay, toast, words } from "../ui.js";

const TABS = [["people", "People"], ["sent", "Subscriptions"], ["audit", "Audit"]];

export function open({ me, params, keep }) {
  const tab = TABS.some(([k]) => k === params.get("tab")) ? params.get("tab") : "people";
  const place = el("div", {}, loading());
  const node = el("div", {}, head("Admin", "Who may see what, and who did what."), el("nav", { class: "tabs", "aria-label": "Admin" }, TABS.map(([k, label]) => el("a", { href: k === "people" ? "/admin" : `/admin?tab=${k}`, "aria-current": k === tab ? "page" : null }, label))), place);
  const parts = { people, sent, audit };
  return { node, ready: parts[tab](place, me, params, keep).catch((problem) => place.replaceChildren(failure(problem))) };
}

async function people(place, me) {
  const found = await get("/api/v1/people");
  const again = () => people(place, me).catch((problem) => place.replaceChildren(failure(problem)));
  const tried = (work) => async () => { try { await work(); await again(); } catch (problem) { toast(`${problem.message} ${problem.hint}`); } };
  const secret = (title, text, value) => dialog(title, (close) => [el("p", {}, text), el("pre", { tabindex: "0", role: "region", "aria-label": title }, value), el("div", { class: "row" }, button("Copy", () => navigator.clipboard?.writeText(value)), button("Close", () => close(true), { class: "primary" }))]);
  const lasting = (name) => dialog(`A token for ${name}`, (close) => {
    let days = "90";
    return el("form", { onsubmit: (e) => { e.preventDefault(); close(days); } }, choice("t-days", "It is good for", [["30", "30 days"], ["90", "90 days"], ["365", "a year"], ["0", "no end"]], days, (v) => (days = v), null), el("div", { class: "row" }, el("button", { type: "submit", class: "button primary" }, "Make it"), button("Cancel", () => close(null))));
  });
  place.replaceChildren(el("div", { class: "card" }, el("p", {}, button("Add a person …", () => edit(null), { class: "primary" })), grid("People", [
    { label: "Name", cell: (u) => u.name }, { label: "Role", cell: (u) => u.role }, { label: "Accounts", cell: (u) => `${u.accounts.length > 40 ? `${u.accounts.split(",").length} chosen` : u.accounts}${u.sees === null || u.accounts === String(u.sees) ? "" : ` (${u.sees})`}` }, { label: "E-mail", cell: (u) => u.email || el("span", { class: "quiet" }, "–") },
    { label: "Tokens", wide: true, cell: (u) => (u.tokens.length ? u.tokens.map((t) => el("div", { class: "row small" }, el("code", {}, t.id), t.expires ? `to ${onDay(t.expires)}` : "no end", el("button", { type: "button", class: "link", "aria-label": `Revoke token ${t.id} of ${u.name}`, onclick: tried(() => del(`/api/v1/people/${encodeURIComponent(u.name)}/tokens/${t.id}`)) }, "Revoke"))) : el("span", { class: "quiet" }, "none")) },
    { label: "", wide: true, cell: (u) => el("div", { class: "row" }, button("Sign-in link", tried(async () => { const made = await post(`/api/v1/people/${encodeURIComponent(u.name)}/link`); await secret(`A link for ${u.name}`, `It signs ${u.name} in once, within ${made.minutes} minutes.`, new URL(made.path, location.origin).href); }), { class: "chip", "aria-label": `Sign-in link for ${u.name}` }), button("Token", tried(async () => { const days = await lasting(u.name); if (days === null) return; const made = await post(`/api/v1/people/${encodeURIComponent(u.name)}/tokens`, { days: Number(days) || null }); await secret(`A token for ${u.name}`, `Shown this once; ${Number(days) ? `good for ${days} days` : "it has no end, so revoke it when it is not needed"}.`, made.token); }), { class: "chip", "aria-label": `Token for ${u.name}` }), button("Change", () => edit(u), { class: "chip", "aria-label": `Change ${u.name}` }), u.name === me.name ? null : button("Remove", async () => { if (await confirmed(`Remove ${u.name}?`, "Their tokens and subscriptions end now; what they asked and decided stays in the log.", "Remove")) tried(() => del(`/api/v1/people/${encodeURIComponent(u.name)}`))(); }, { class: "chip danger", "aria-label": `Remove ${u.name}` })) },
  ], found.items, { stacked: true })));
  function edit(u) {
    dialog(u ? `Change ${u.name}` : "Add a person", (close) => {
      const wrong = el("div", {});
      const name = el("input", { id: "p-name", maxlength: "100", required: true, value: u?.name ?? "", readonly: Boolean(u) });
      const accounts = el("input", { id: "p-accounts", required: true, value: u?.accounts ?? "", placeholder: "all, own, C-001,C-002, region=NAME or team=NAME" });
      const email = el("input", { id: "p-email", type: "email", value: u?.email ?? "" });
      let role = u?.role ?? "rep";
      return el("form", { onsubmit: async (e) => {
        e.preventDefault();
        try {
          await put(`/api/v1/people/${encodeURIComponent(name.value.trim())}`, { role, accounts: accounts.value.trim(), ...(email.value.trim() ? { email: email.value.trim() } : {}) });
          close(true);
          await again();
        } catch (problem) { wrong.replaceChildren(failure(problem)); }
      } }, wrong, field("Name", name), choice("p-role", "Role", found.roles, role, (v) => (role = v), null), field("Sees the accounts", accounts, "Say it for everybody: all, own (where they are the account owner), ids, a region or a team."), field("E-mail", email), el("div", { class: "row" }, el("button", { type: "submit", class: "button primary" }, u ? "Save" : "Add"), button("Cancel", () => close(null))));
    });
  }
}

// A schedule in words; which day counts only where it is once a week.
const when = ({ every, day, at: time }) => [every ? `every ${every}` : "when it happens", every === "week" && day ? `on ${day}` : "", time ? `at ${time}` : ""].filter(Boolean).join(" ").replace("every always", "when it happens");

async function sent(place) {
  const rows = (await get("/api/v1/people/subscriptions")).items;
  place.replaceChildren(el("div", { class: "card" }, rows.length ? grid("Subscriptions", [{ label: "Who", cell: (s) => s.principal }, { label: "What", cell: (s) => `${words(s.kind)}${s.what ? `: ${s.what}` : ""}` }, { label: "When", cell: (s) => when(s.schedule) }, { label: "Where", cell: (s) => s.channel }, { label: "Last sent", cell: (s) => at(s.last_sent) }, { label: "", cell: (s) => button("End", async () => { try { await del(`/api/v1/people/subscriptions/${s.id}`); } catch (problem) { toast(problem.message); } sent(place); }, { class: "chip", "aria-label": `End the subscription of ${s.principal}` }) }], rows, { stacked: true }) : empty("Nobody is sent anything yet", "Digests and alerts are set up in Slack, over REST, or by the command rapport digest add.")));
}

async function audit(place, me, params, keep) {
  const chosen = { who: params.get("who") || "", action: params.get("action") || "", text: params.get("text") || "" };
  const rows = [];
  let cursor = null;
  const filters = el("div", { class: "filters" });
  const list = el("div", { class: "card" }, loading());
  place.replaceChildren(filters, list);
  async function load(anew) {
    if (anew) { rows.length = 0; cursor = null; }
    const found = await get(`/api/v1/audit/search${query({ ...chosen, cursor, limit: 50 })}`);
    rows.push(...found.items);
    cursor = found.next;
    if (!filters.childNodes.length) filters.replaceChildren(choice("by-who", "Who", found.people, chosen.who, (v) => set("who", v), "anybody"), choice("by-action", "What", found.actions, chosen.action, (v) => set("action", v), "anything"), field("Words", el("input", { type: "search", id: "by-words", value: chosen.text, oninput: (e) => set("text", e.target.value) })), el("div", {}, button("As CSV", async () => save(await file(`/api/v1/audit/search${query({ ...chosen, format: "csv" })}`), "audit.csv"))));
    list.replaceChildren(rows.length ? grid("Audit", [{ label: "When", cell: (e) => el("span", { class: "nowrap" }, at(e.at)) }, { label: "Who", cell: (e) => e.principal }, { label: "Role", cell: (e) => e.role || "–" }, { label: "What", cell: (e) => e.action }, { label: "Details", wide: true, cell: (e) => el("span", { class: "small" }, Object.entries(e.detail).filter(([k, v]) => v !== null && v !== "" && k !== "digest").map(([k, v]) => `${words(k)}: ${typeof v === "object" ? JSON.stringify(v) : v}`).join(" · ")) }], rows, { stacked: true }) : empty("Nothing fits", "Loosen a filter."), cursor ? button(`More of ${found.total.toLocaleString("en-GB")}`, () => load(false)) : "");
  }
  let waiting;
  function set(name, value) {
    chosen[name] = value;
    keep({ [name]: value });
    clearTimeout(waiting);
    waiting = setTimeout(() => load(true).catch((problem) => list.replaceChildren(failure(problem))), 200);
  }
  await load(true);
}
