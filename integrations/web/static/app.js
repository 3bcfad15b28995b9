// The page: sign-in, and one section at a time by the address's hash.

import { get, session, Problem } from "./api.js";
import { el, failure } from "./markup.js";
import { askSection } from "./ask.js";
import { briefsSection } from "./briefs.js";
import { themesSection } from "./themes.js";

const main = document.getElementById("main");
const sections = { ask: ["Ask", askSection], briefs: ["Briefs", briefsSection], themes: ["Themes", themesSection] };
const made = {};
let me = null;

export const say = (text) => {
  document.getElementById("status").textContent = text;
};

function signIn(message) {
  document.getElementById("nav").hidden = true;
  document.getElementById("who").hidden = true;
  const token = el("input", { id: "token", name: "token", type: "password", autocomplete: "current-password", required: true, spellcheck: "false" });
  const stay = el("input", { id: "stay", type: "checkbox" });
  const enter = async (event) => {
    event.preventDefault();
    session.enter(token.value.trim(), stay.checked);
    start(true);
  };
  main.replaceChildren(
    el("form", { class: "signin", onsubmit: enter },
      el("h1", {}, "Sign in"),
      el("p", {}, "Ask about your customers; get numbers, reasons and proof."),
      message ? failure(message) : null,
      el("label", { for: "token" }, "Your token"), token,
      el("p", { class: "quiet" }, "Whoever looks after Rapport makes one for you: ", el("code", {}, "rapport user token NAME")),
      el("label", { class: "check" }, stay, "Stay signed in on this device"),
      el("button", { type: "submit", class: "primary" }, "Sign in")));
  document.title = "Sign in · Rapport";
  token.focus();
}

async function start(tried) {
  if (!session.token()) return signIn();
  try {
    me = await get("/api/v1/me");
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) session.leave();
    return signIn(tried || problem.status !== 401 ? problem : null);
  }
  document.getElementById("nav").hidden = false;
  document.getElementById("who").hidden = false;
  document.getElementById("name").textContent = `${me.name} (${me.role})`;
  get("/api/v1/snapshots/current").then((s) => {
    document.getElementById("asof").textContent = `Data to ${new Date(s.as_of).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })}`;
  }, () => {});
  show();
}

function show() {
  if (!me) return;
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1) || "ask").split("/");
  const key = name in sections ? name : "ask";
  const [title, make] = sections[key];
  document.title = `${title} · Rapport`;
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.hash === `#${key}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  made[key] ??= make({ me, say });
  if (main.firstElementChild !== made[key].node) main.replaceChildren(made[key].node);
  made[key].open?.(rest.join("/"));
}

document.getElementById("leave").addEventListener("click", () => {
  session.leave();
  location.hash = "";
  location.reload();
});
addEventListener("hashchange", show);
start(false);
