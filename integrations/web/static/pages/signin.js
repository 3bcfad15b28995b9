// Signing in: a link that works once, a token, or name and password.

import { session } from "../api.js";
import { el } from "../markup.js";
import { failure, field, loading } from "../ui.js";

export async function signIn(main, ways, entered) {
  document.title = "Sign in · Rapport";
  const problem = el("div", {});
  const code = location.pathname === "/enter" ? location.hash.slice(1) : "";
  async function enter(body) {
    problem.replaceChildren(loading("signing in"));
    try {
      const told = await session.enter(body);
      if (location.hash) history.replaceState({}, "", location.pathname);
      entered(told);
    } catch (wrong) {
      problem.replaceChildren(failure(wrong));
    }
  }
  const token = el("input", { id: "token", name: "token", type: "password", autocomplete: "current-password", required: true, spellcheck: "false" });
  const name = el("input", { id: "name", name: "name", autocomplete: "username", required: true });
  const password = el("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true });
  const form = (act, ...inside) => el("form", { class: "stack", onsubmit: (e) => { e.preventDefault(); act(); } }, inside);
  main.replaceChildren(el("div", { class: "signin card" },
    el("h1", { tabindex: "-1" }, "Sign in"),
    el("p", {}, "Ask about your customers; get numbers, reasons and proof."),
    problem,
    ways?.oidc ? el("a", { class: "button primary", href: "/api/v1/session/oidc", "data-native": "" }, "Sign in with your company account") : null,
    ways?.password ? form(() => enter({ name: name.value, password: password.value }), field("Name", name), field("Password", password), el("button", { type: "submit", class: "button primary" }, "Sign in")) : null,
    form(() => enter({ token: token.value.trim() }), field("Your token", token, "Whoever looks after Rapport gives you a token, or a link that signs you in."), el("button", { type: "submit", class: "button primary" }, ways?.password ? "Sign in with the token" : "Sign in"))));
  (ways?.password ? name : token).focus();
  if (code) await enter({ code });
}
