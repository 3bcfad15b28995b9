// From a file to figures: upload, how it was understood, a preview of its sums, the import with its steps.

import { get, post, send } from "../api.js";
import { el, table } from "../markup.js";
import { at, button, choice, count, failure, grid, loading, say, words } from "../ui.js";

// Watches what runs, step by step, until it is done.
export async function watch(place, done) {
  for (;;) {
    const job = await get("/api/v1/jobs/last");
    if (!place.isConnected) return;
    const steps = el("ol", { class: "small quiet" }, job.steps.slice(-8).map((s) => el("li", {}, s)));
    if (job.state === "running") {
      place.replaceChildren(el("h2", {}, job.title), loading(job.steps.at(-1) || "beginning"), steps);
    } else {
      place.replaceChildren(job.state === "failed" ? failure({ message: `${job.title}: not done.`, hint: job.reason }) : job.state === "done" ? el("p", { class: "note" }, `${job.title}: done${job.ended ? `, ${at(job.ended)}` : ""}.`) : "");
      say(job.state === "done" ? "Done." : job.reason || "");
      done?.(job);
      return;
    }
    say(job.steps.at(-1) || "");
    await new Promise((r) => setTimeout(r, 700));
  }
}

// What a column is taken for, to be put right: every field of every table, or left out.
function takenFor(c, up, said) {
  const now = (c.target ?? "").split(", ")[0];
  const option = (value, text) => el("option", { value, selected: value === now }, text);
  return el("select", { "aria-label": `${c.column} is`, onchange: (e) => said(e.target.value) }, option("", "left out"),
    Object.entries(up.fields ?? {}).map(([table, fields]) => el("optgroup", { label: words(table) }, fields.map((f) => option(`${table}.${f}`, `${words(table)}: ${words(f.replace(/^_/, ""))}`)))));
}

export function uploader(place, progress, done) {
  const input = el("input", { type: "file", id: "files", multiple: true, "aria-label": "Files to load" });
  const drop = el("div", { class: "drop" }, el("p", {}, el("strong", {}, "Drop files here, or choose them")), el("p", { class: "quiet small" }, "CSV, TSV, XLSX, JSON, JSONL, Parquet, mail boxes; also .gz and .zip, up to 200 MB. Nothing is loaded before you have seen its sums."), input);
  const step = el("div", { class: "stack" });
  place.replaceChildren(drop, step);
  for (const name of ["dragover", "dragleave", "drop"]) drop.addEventListener(name, (e) => { e.preventDefault(); drop.classList.toggle("over", name === "dragover"); if (name === "drop") take(e.dataTransfer.files); });
  input.addEventListener("change", () => take(input.files));
  const wrong = (problem) => step.replaceChildren(failure(problem));

  async function take(files) {
    if (!files.length) return;
    const form = new FormData();
    for (const f of files) form.append("files", f, f.name);
    step.replaceChildren(loading("reading the files"));
    try {
      const up = await send("/api/v1/uploads", form);
      const shipped = (await get("/api/v1/mappings")).items;
      understood(up, shipped, { mapping: up.proposal || up.columns?.length ? "" : shipped.find((m) => m.name === "canonical")?.name ?? "", answers: {}, columns: {} });
    } catch (problem) {
      wrong(problem);
    }
  }
  function understood(up, shipped, body) {
    const p = up.proposal;
    const asked = p?.questions ?? [];
    const columns = p?.columns ?? (up.columns ?? []).map((column) => ({ column, target: null, confidence: 0, why: "" }));
    const which = choice("mapping", "Read as", [...(p || columns.length ? [["", p ? `proposed: ${words(p.table)}` : "what I say of its columns"]] : []), ...shipped.map((m) => [m.name, m.title || m.name])], body.mapping, (v) => understood(up, shipped, { ...body, mapping: v }), null);
    const open = !body.mapping && asked.some((q) => !(body.answers[q.name] ?? q.answer));
    step.replaceChildren(el("section", { class: "card" }, el("h2", {}, "How it was understood"), el("p", { class: "quiet" }, up.files.join(", ")), up.why_not ? el("p", { class: "note" }, up.why_not) : null, which,
      !body.mapping && columns.length ? [el("p", { class: "quiet small" }, "Is a column something else? Say what it is; the rest is understood anew."),
        grid("Columns", [{ label: "Column", cell: (c) => c.column }, { label: "Taken for", cell: (c) => takenFor(c, up, (target) => told(up, shipped, { ...body, columns: { ...body.columns, [c.column]: target } })) }, { label: "Sure", number: true, cell: (c) => (c.target ? `${Math.round(100 * c.confidence)} %` : "") }, { label: "Why", wide: true, cell: (c) => el("span", { class: "small quiet" }, c.why) }], columns)] : null,
      !body.mapping && p ? [
        p.missing.length ? el("p", { class: "note" }, `Not found: ${p.missing.map(words).join(", ")}.`) : null,
        p.assumed.map((a) => el("p", { class: "small quiet" }, `Assumed: ${a}`)),
        asked.map((q) => choice(`q-${q.name}`, q.ask, q.options.map(([o, gives]) => [o, gives ? `${o}: ${gives}` : o]), body.answers[q.name] ?? q.answer ?? "", (v) => understood(up, shipped, { ...body, answers: { ...body.answers, [q.name]: v } }), "choose …")),
      ] : null,
      el("div", { class: "row" }, button("Preview the sums", () => preview(up, shipped, body), { class: "primary", disabled: open || !(p || body.mapping) }), open ? el("span", { class: "quiet small" }, "Answer the questions first.") : null)));
    say("How the file was understood is shown.");
  }
  async function told(up, shipped, body) {
    try {
      const found = await post(`/api/v1/uploads/${up.id}/proposal`, { mapping: "", answers: answered(body), columns: body.columns });
      understood({ ...up, ...found }, shipped, body);
    } catch (problem) {
      step.prepend(failure(problem));
    }
  }
  const answered = (body) => Object.fromEntries(Object.entries(body.answers).filter(([, v]) => v));
  async function preview(up, shipped, body) {
    step.replaceChildren(loading("trying it without keeping anything"));
    let found;
    try {
      found = await post(`/api/v1/uploads/${up.id}/preview`, { mapping: body.mapping, answers: answered(body), columns: body.columns });
    } catch (problem) {
      return step.replaceChildren(failure(problem), button("Back", () => understood(up, shipped, body)));
    }
    const tables = Object.entries(found.rows).map(([name, rows]) => {
      const columns = Object.keys(rows[0] ?? {}).filter((c) => rows.some((r) => r[c] !== null));
      return [el("h3", {}, `${words(name)}, the first rows`), table({ columns: columns.map(words), rows: rows.map((r) => columns.map((c) => (r[c] === null ? "" : String(r[c])))) }, `${words(name)}, the first rows`)];
    });
    return step.replaceChildren(el("section", { class: "card" }, el("h2", {}, "What it would give"), el("p", {}, found.sentence),
      el("dl", { class: "facts" }, Object.entries(found.sums).map(([k, v]) => el("div", {}, el("dt", {}, words(k)), el("dd", {}, v)))),
      found.left.map((l) => el("p", { class: "small quiet" }, `Not understood, left out: ${l}`)), tables,
      el("div", { class: "row" }, button("Import it", () => load(up, body), { class: "primary", disabled: found.nothing }), button("Back", () => understood(up, shipped, body)))));
  }
  async function load(up, body) {
    try {
      await post(`/api/v1/uploads/${up.id}/import`, { mapping: body.mapping, answers: answered(body), columns: body.columns });
      place.replaceChildren(progress);
      await watch(progress, (job) => { if (job.state === "done") done?.(job); });
    } catch (problem) {
      wrong(problem);
    }
  }
  return { take, count };
}
