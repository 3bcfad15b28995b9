// Choosing from many by typing: arrows move, Enter takes.

import { el } from "./markup.js";
import { button, dialog } from "./ui.js";

export function pick(title, options) {
  return dialog(title, (close) => {
    const search = el("input", { type: "search", id: "pick", "aria-label": title, role: "combobox", "aria-expanded": "true", "aria-controls": "picks", autocomplete: "off", placeholder: "type to search" });
    const list = el("ul", { class: "list", id: "picks", role: "listbox", "aria-label": title });
    let found = [], on = 0;
    function draw() {
      const said = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      found = options.filter((o) => said.every((w) => `${o.label} ${o.more || ""} ${o.describes || ""}`.toLowerCase().includes(w))).slice(0, 8);
      on = Math.min(on, Math.max(0, found.length - 1));
      list.replaceChildren(...found.map((o, i) => el("li", { role: "option", id: `pick-${i}`, "aria-selected": String(i === on), class: i === on ? "on" : null, onclick: () => close(o.id) }, i === on ? el("strong", {}, o.label) : o.label, o.more ? el("span", { class: "quiet small" }, ` · ${o.more}`) : null)));
      if (found.length) search.setAttribute("aria-activedescendant", `pick-${on}`); else search.removeAttribute("aria-activedescendant");
    }
    search.addEventListener("input", () => { on = 0; draw(); });
    search.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); on = (on + step + found.length) % Math.max(1, found.length); draw(); }
      if (event.key === "Enter") { event.preventDefault(); if (found[on]) close(found[on].id); }
    });
    draw();
    return [search, list, el("div", {}, button("Cancel", () => close(null)))];
  });
}
