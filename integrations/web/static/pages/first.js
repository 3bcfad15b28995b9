// First visit: an empty workspace offers the demo company, or a file of one's own.

import { get, post } from "../api.js";
import { el } from "../markup.js";
import { button, failure, head, loading } from "../ui.js";
import { uploader, watch } from "./loading_data.js";

export function open({ me, again }) {
  if (me.like !== "admin") return { node: el("div", { class: "card" }, head("Nothing is loaded yet", "Whoever looks after Rapport loads the first data; then this page fills.")) };
  const progress = el("div", { class: "card", hidden: true });
  const own = el("div", {});
  const ways = el("div", { class: "cards" },
    el("section", { class: "card stack" }, el("h2", {}, "See it on a made-up company"), el("p", {}, "400 customers, 59,000 orders and 12,000 comments, with problems planted in them for you to find. A few minutes."), el("div", { class: "row" }, button("Make the demo company", () => demo(1), { class: "primary", disabled: me.workspace !== "empty" }), button("A small one", () => demo(0.1), { disabled: me.workspace !== "empty" }))),
    el("section", { class: "card stack" }, el("h2", {}, "Begin with your own file"), el("p", {}, "Orders, customers, or any file of comments. You see its sums before anything is loaded."), own));
  const node = el("div", { class: "stack" }, head(`Welcome, ${me.name}`, "This workspace is empty. Two ways to begin; nothing leaves this machine."), progress, ways);
  function seen() {
    progress.hidden = false;
    ways.hidden = true;
    progress.replaceChildren(loading("beginning"));
    return watch(progress, (job) => {
      if (job.state === "done") progress.append(el("p", {}, "Your first page is ready."), button("Open it", () => { history.replaceState({}, "", "/"); again(); }, { class: "primary" }));
      else ways.hidden = false;
      progress.querySelector("button")?.focus();
    });
  }
  async function demo(scale) {
    try {
      await post("/api/v1/first/demo", { scale });
      await seen();
    } catch (problem) {
      progress.hidden = false;
      progress.replaceChildren(failure(problem));
    }
  }
  uploader(own, el("div", {}), () => { history.replaceState({}, "", "/"); again(); });
  get("/api/v1/jobs/last").then((job) => { if (job.state === "running") seen(); }, () => {});
  return { node };
}
