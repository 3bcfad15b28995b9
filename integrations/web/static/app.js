// The page: who is in, one address one view, the keys that work everywhere.

import { get, session } from "./api.js";
import { el } from "./markup.js";
import { dialog, failure, loading, onDay, say } from "./ui.js";
import { signIn } from "./pages/signin.js";

const main = document.getElementById("main");
const REVIEWERS = ["quality", "manager", "admin"];
const page = (name) => () => import(`./pages/${name}.js`);
// path, title, module, place in the navigation, key after `g`, who
const ROUTES = [
  { path: /^\/$/, at: "/", name: "Home", key: "h", load: page("home") },
  { path: /^\/ask(?:\/([^/]+))?$/, at: "/ask", name: "Ask", key: "a", load: page("ask") },
  { path: /^\/themes$/, at: "/themes", name: "Themes", key: "t", load: page("themes") },
  { path: /^\/themes\/([^/]+)$/, under: "/themes", name: "Theme", load: page("theme") },
  { path: /^\/review$/, at: "/review", name: "Review", key: "r", load: page("review"), who: REVIEWERS, all: true },
  { path: /^\/accounts$/, at: "/accounts", name: "Accounts", key: "c", load: page("accounts") },
  { path: /^\/accounts\/([^/]+)$/, under: "/accounts", name: "Account", load: page("account") },
  { path: /^\/catalogue$/, at: "/catalogue", name: "Metrics", key: "m", load: page("catalogue") },
  { path: /^\/data$/, at: "/data", name: "Data", key: "d", load: page("data"), who: ["admin"] },
  { path: /^\/admin$/, at: "/admin", name: "Admin", key: "p", load: page("admin"), who: ["admin"] },
  { path: /^\/answers\/([^/]+)$/, under: "/ask", name: "Answer", load: page("answer") },
];
const KEYS = [["?", "shows these keys"], ["/", "to the search or ask box of the page"], ["g then h, a, t, r, c, m, d, p", "to Home, Ask, Themes, Review, Accounts, Metrics, Data, people"], ["Esc", "closes what is open"]];
let me = null;
let shown = null;

export const allowed = (route) => !route.who || (route.who.includes(me.like) && (!route.all || me.sees_all));

export function go(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"]({}, "", address);
  show();
}

// Keeps what is chosen in the address bar without another view.
export function keep(values) {
  const said = new URLSearchParams(location.search);
  for (const [k, v] of Object.entries(values)) v ? said.set(k, v) : said.delete(k);
  history.replaceState({}, "", `${location.pathname}${said.size ? `?${said}` : ""}`);
}

function frame() {
  document.body.classList.toggle("bare", !me);
  if (!me) return;
  document.getElementById("nav").replaceChildren(...ROUTES.filter((r) => r.at && allowed(r)).map((r) => el("a", { href: r.at }, r.name)));
  const asof = el("span", {});
  document.getElementById("who").replaceChildren(
    asof, el("span", {}, `${me.name} · ${me.role}`),
    el("span", { class: "row" }, el("button", { type: "button", class: "link", onclick: keys }, "Keys"), el("a", { class: "link", href: "/docs", "data-native": "" }, "REST"), el("button", { type: "button", class: "link", onclick: leave }, "Sign out")));
  if (me.workspace === "ready") get("/api/v1/snapshots/current").then((s) => (asof.textContent = `Data to ${onDay(s.as_of)}`), () => {});
}

async function leave() {
  await session.leave().catch(() => {});
  location.assign("/");
}

async function start(told) {
  try {
    const now = told?.signed_in ? told : await session.read();
    me = now.signed_in ? now : null;
    if (!me) {
      frame();
      return signIn(main, now.ways, start);
    }
  } catch (problem) {
    main.replaceChildren(el("div", { class: "signin card" }, failure(problem)));
    return null;
  }
  frame();
  const legacy = /^#(ask|briefs|themes)(?:\/(.*))?$/.exec(location.hash);
  if (legacy) return go({ ask: legacy[2] ? `/ask?q=${legacy[2]}` : "/ask", briefs: `/accounts${legacy[2] ? `/${legacy[2]}` : ""}`, themes: `/themes${legacy[2] ? `/${legacy[2]}` : ""}` }[legacy[1]], { replace: true });
  if (location.pathname === "/enter") return go("/", { replace: true });
  return show();
}

async function show() {
  if (!me) return;
  shown?.leave?.();
  shown = null;
  const address = location.pathname;
  const route = ROUTES.find((r) => r.path.test(address)) ?? null;
  document.getElementById("top").classList.remove("open");
  document.getElementById("menu").setAttribute("aria-expanded", "false");
  for (const link of document.querySelectorAll("#nav a")) link.getAttribute("href") === (route?.at ?? route?.under) ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  if (!route || !allowed(route)) {
    document.title = "Rapport";
    return main.replaceChildren(el("div", { class: "card" }, el("h1", { tabindex: "-1" }, route ? "This is not for your role" : "There is nothing here"), el("p", {}, route ? "Ask whoever looks after Rapport." : "The address is misspelt, or what it led to is gone."), el("a", { class: "button", href: "/" }, "To the first page")));
  }
  document.title = `${route.name} · Rapport`;
  main.replaceChildren(loading());
  const opened = { key: `${address}${location.search}` };
  try {
    const module = me.workspace !== "ready" && route.at !== "/admin" && route.at !== "/data" ? await import("./pages/first.js") : await route.load();
    if (location.pathname !== address) return;
    const parts = route.path.exec(address).slice(1).map((p) => (p === undefined ? "" : decodeURIComponent(p)));
    shown = module.open({ me, parts, params: new URLSearchParams(location.search), go, keep, title: (text) => (document.title = `${text} · Rapport`), again: start }) ?? {};
    if (shown.node) main.replaceChildren(shown.node);
    await shown.ready;
    if (location.pathname !== address) return;
    (shown.focus ?? main.querySelector("h1"))?.focus?.({ preventScroll: true });
    say(`${document.title.replace(" · Rapport", "")} is open.`);
  } catch (problem) {
    main.replaceChildren(el("h1", { tabindex: "-1" }, route.name), failure(problem));
  }
  main.dataset.shown = opened.key;
  scrollTo(0, 0);
}

function keys() {
  const mine = shown?.keys ?? [];
  dialog("Keys", (close) => [
    el("dl", { class: "keys" }, [...KEYS, ...mine].flatMap(([k, does]) => [el("dt", {}, k.split(" ").map((p) => (p.length < 6 && !["then", "to"].includes(p) ? el("kbd", {}, p.replace(",", "")) : ` ${p} `))), el("dd", {}, does)])),
    el("button", { type: "button", class: "button", onclick: () => close() }, "Close")]);
}

let before = "";
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (!me || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (before === "g") {
    const route = ROUTES.find((r) => r.key === event.key && allowed(r));
    before = "";
    if (route) { event.preventDefault(); go(route.at); }
    return;
  }
  if (event.key === "?") { event.preventDefault(); keys(); }
  else if (event.key === "/") { const box = main.querySelector("input[type=search], textarea"); if (box) { event.preventDefault(); box.focus(); } }
  else if (event.key === "g") { before = "g"; setTimeout(() => (before = ""), 1200); }
  else shown?.key?.(event);
});
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.dataset.native !== undefined || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const to = new URL(link.href, location.href);
  if (to.origin !== location.origin || link.target || link.hasAttribute("download") || (to.hash && to.pathname === location.pathname)) return;
  event.preventDefault();
  if (`${to.pathname}${to.search}` !== `${location.pathname}${location.search}`) go(to.href);
});
document.getElementById("menu").addEventListener("click", (event) => event.currentTarget.setAttribute("aria-expanded", String(document.getElementById("top").classList.toggle("open"))));
addEventListener("popstate", show);
addEventListener("signed-out", () => { me = null; start(); });
start();
