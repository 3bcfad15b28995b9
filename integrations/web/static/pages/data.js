// Data: loading files, what was loaded, what was kept out and why, snapshots and how fresh they are.

import { file, get, post, query, send } from "../api.js";
import { el, save } from "../markup.js";
import { at, button, count, empty, failure, grid, head, loading, onDay, toast, words } from "../ui.js";
import { uploader, watch } from "./loading_data.js";

export function open({ again }) {
  const load = el("div", { class: "stack" });
  const progress = el("div", { class: "card" });
  const fresh = el("section", { class: "card" }, el("h2", {}, "Freshness"), loading());
  const kept = el("section", { class: "card" }, el("h2", {}, "Kept out"), loading());
  const imports = el("section", { class: "card" }, el("h2", {}, "Imports"), loading());
  const snaps = el("section", { class: "card" }, el("h2", {}, "Snapshots"), loading());
  const built = el("div", {});
  const node = el("div", { class: "stack" }, head("Data", "Every row is loaded, or listed here with its reason.", button("Build now", build)), built, el("section", { class: "card" }, el("h2", {}, "Load files"), load), el("div", { class: "cards" }, fresh, kept), imports, snaps);
  const fill = (card, ...inside) => card.replaceChildren(card.firstElementChild, ...inside.flat(Infinity).filter(Boolean));
  const part = (card, work) => work().catch((problem) => fill(card, failure(problem)));

  async function build() {
    try {
      await post("/api/v1/jobs/build");
      await watch(built, () => all());
    } catch (problem) {
      built.replaceChildren(failure(problem));
    }
  }
  const all = () => Promise.all([
    part(fresh, async () => {
      const now = await get("/api/v1/snapshots/current").catch((problem) => (problem.status === 404 ? null : Promise.reject(problem)));
      if (!now) return fill(fresh, el("p", { class: "quiet" }, "Nothing is built yet."));
      const rows = Object.entries(now.rows ?? {}).sort((a, b) => b[1] - a[1]);
      return fill(fresh, el("p", {}, "Data to ", el("strong", {}, onDay(now.as_of)), `, built ${at(now.built_at)}.`), el("details", { class: "more" }, el("summary", {}, `${count(rows.length, "table")}`), grid("Rows by table", [{ label: "Table", cell: (r) => words(r[0]) }, { label: "Rows", number: true, cell: (r) => r[1].toLocaleString("en-GB") }], rows)));
    }),
    part(kept, async () => {
      const found = (await get("/api/v1/quarantine?limit=200")).items;
      if (!found.length) return fill(kept, el("p", { class: "quiet" }, "No row was kept out."));
      const causes = Object.values(found.reduce((by, r) => ({ ...by, [r.reason]: { reason: r.reason, rows: (by[r.reason]?.rows ?? 0) + r.rows, tables: [...new Set([...(by[r.reason]?.tables ?? []), r.table])] } }), {})).sort((a, b) => b.rows - a.rows);
      const mended = el("input", { type: "file", id: "mended", "aria-label": "Mended rows" });
      const retry = async () => {
        const form = new FormData();
        if (mended.files[0]) form.append("files", mended.files[0], mended.files[0].name);
        try { toast((await send("/api/v1/quarantine/retry", form)).sentence); all(); } catch (problem) { toast(`${problem.message} ${problem.hint}`); }
      };
      return fill(kept, el("ul", { class: "list" }, causes.map(cause)), el("h3", {}, "Mend them"), el("p", { class: "small quiet" }, "Take the rows as CSV, mend the values (leave quarantine_id alone), and send the file back."), el("div", { class: "row" }, button("Rows as CSV", async () => save(await file("/api/v1/quarantine/export"), "quarantine.csv")), mended, button("Try again", retry)));
    }),
    part(imports, async () => {
      const found = (await get("/api/v1/imports?limit=50")).items;
      fill(imports, found.length ? grid("Imports", [{ label: "When", cell: (i) => el("span", { class: "nowrap" }, when(i.id)) }, { label: "Read as", cell: (i) => i.mapping }, { label: "Files", wide: true, cell: (i) => (i.files.length > 3 ? `${i.files.slice(0, 3).join(", ")} and ${i.files.length - 3} more` : i.files.join(", ")) }, { label: "Rows", number: true, cell: (i) => i.rows_in.toLocaleString("en-GB") }], found) : empty("Nothing was loaded yet", "Begin with a file above."));
    }),
    part(snaps, async () => {
      const found = (await get("/api/v1/snapshots?limit=50")).items;
      fill(snaps, found.length ? grid("Snapshots", [{ label: "Snapshot", cell: (s) => [el("code", {}, s.id), s.current ? [" ", el("span", { class: "pill good" }, "answers now")] : null] }, { label: "Data to", cell: (s) => onDay(s.as_of) }, { label: "Built", cell: (s) => at(s.built_at) }], found) : el("p", { class: "quiet" }, "None yet."));
    }),
  ]);
  function cause(c) {
    const rows = el("div", {});
    return el("li", {}, el("div", {}, el("strong", {}, c.rows.toLocaleString("en-GB")), ` ${c.reason}`), el("div", { class: "small quiet" }, c.tables.map(words).join(", ")),
      el("details", { class: "more", ontoggle: async (e) => {
        if (!e.target.open || rows.childNodes.length) return;
        const found = (await get(`/api/v1/quarantine/rows${query({ reason: c.reason, limit: 5 })}`)).items;
        rows.replaceChildren(grid("Rows kept out", [{ label: "Where", cell: (r) => r.source_row }, { label: "Values", wide: true, cell: (r) => el("code", {}, r.values) }], found));
      } }, el("summary", {}, "Show some"), rows));
  }
  const when = (id) => { const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(id); return m ? at(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:00Z`) : id; };
  uploader(load, progress, () => { again(); });
  get("/api/v1/jobs/last").then((job) => { if (job.state === "running") watch(built, () => all()); }, () => {});
  return { node, ready: all() };
}
