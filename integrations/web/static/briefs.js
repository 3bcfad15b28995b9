// Briefs: find a customer, read the brief, take it away.

import { call, file, get } from "./api.js";
import { el, failure, markdown, save } from "./markup.js";

const FORMATS = [["docx", "Word"], ["pdf", "PDF"], ["md", "Markdown"]];

export function briefsSection({ say }) {
  const search = el("input", { type: "search", id: "customer", placeholder: "Name or id", autocomplete: "off", "aria-controls": "customers" });
  const list = el("ul", { id: "customers", class: "picklist" });
  const brief = el("article", { class: "brief", "aria-live": "polite" }, el("p", { class: "quiet" }, "Choose a customer; the brief says what matters before you call."));
  const node = el("div", { class: "split" }, el("section", { class: "side", "aria-label": "Customers" }, el("label", { for: "customer" }, "Customer"), search, list), brief);
  let waiting;
  let shown = "";

  async function find() {
    try {
      const found = await get(`/api/v1/customers?limit=50&search=${encodeURIComponent(search.value)}`);
      list.replaceChildren(...found.items.map((c) => el("li", {},
        el("a", { href: `#briefs/${encodeURIComponent(c.customer_id)}`, "aria-current": c.customer_id === shown ? "true" : null }, el("span", {}, c.name || c.customer_id),
          el("span", { class: "quiet" }, [c.service_tier, c.region].filter(Boolean).join(" · "))))));
      if (!found.items.length) list.replaceChildren(el("li", { class: "quiet" }, "No customer of that name among yours."));
      else if (found.total > found.items.length) list.append(el("li", { class: "quiet" }, `${found.total - found.items.length} more: type part of the name.`));
    } catch (problem) {
      list.replaceChildren(el("li", {}, failure(problem)));
    }
  }

  async function open(id) {
    if (!id || id === shown) return;
    shown = id;
    for (const link of list.querySelectorAll("a")) link.hash === `#briefs/${encodeURIComponent(id)}` ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    brief.replaceChildren(el("p", { class: "quiet step" }, "writing the brief …"));
    const path = `/api/v1/customers/${encodeURIComponent(id)}/brief`;
    try {
      const text = await (await call("GET", `${path}?format=md`)).text();
      const take = FORMATS.map(([kind, label]) => el("button", { type: "button", class: "chip", onclick: async () => save(await file(`${path}?format=${kind}`), `brief-${id}.${kind}`) }, label));
      brief.replaceChildren(el("div", { class: "chips take", role: "group", "aria-label": "Take it away as" }, take), ...markdown(text));
      say("The brief is there.");
      brief.scrollIntoView({ block: "start" });
    } catch (problem) {
      brief.replaceChildren(failure(problem));
    }
  }

  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 200);
  });
  find();
  return { node, open };
}
