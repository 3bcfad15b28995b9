// DOM without innerHTML: elements, a small Markdown (what answers and briefs use), tables.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "polyline", "circle", "path", "line", "rect"]);

export function el(tag, attributes = {}, ...children) {
  const node = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.setAttribute("class", value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

// What a node holds from now on; nothing for null, false and the like.
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

const INLINE = /(\*\*[^*]+\*\*|`[^`]+`|(?<![\w])_[^_\n]+_(?![\w])|(?<![\w*])\*[^*\s](?:[^*\n]*[^*\s])?\*(?![\w*])|\[[^\]\n]+\]\(https?:[^)\s]+\))/;

function inline(text) {
  return text.split(INLINE).map((part) => {
    if (/^\*\*.+\*\*$/.test(part)) return el("strong", {}, inline(part.slice(2, -2)));
    if (/^`.+`$/.test(part)) return el("code", {}, part.slice(1, -1));
    if (/^(_.+_|\*.+\*)$/s.test(part)) return el("em", {}, inline(part.slice(1, -1)));
    const link = /^\[([^\]]+)\]\((https?:[^)\s]+)\)$/.exec(part);
    if (link) return el("a", { href: link[2], rel: "noreferrer", target: "_blank" }, link[1]);
    return part;
  });
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((c) => c.trim().replace(/\\\|/g, "|"));

// Markdown to nodes: headings, lists, quotes, tables, rules, paragraphs.
export function markdown(text) {
  const out = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; ) {
    const line = lines[i];
    const heading = /^(#{1,5}) (.*)$/.exec(line);
    if (!line.trim()) i += 1;
    else if (heading) {
      out.push(el(`h${Math.min(6, heading[1].length + 1)}`, {}, inline(heading[2])));
      i += 1;
    } else if (/^(-{3,}|\*{3,})$/.test(line.trim())) {
      out.push(el("hr"));
      i += 1;
    } else if (/^\s*\|/.test(line) && /^\s*\|?[\s:|-]+$/.test(lines[i + 1] || "")) {
      const head = cells(line);
      const rows = [];
      for (i += 2; i < lines.length && /^\s*\|/.test(lines[i]); i += 1) rows.push(cells(lines[i]));
      out.push(table({ columns: head, rows }, ""));
    } else if (/^\s*([-*]|\d+\.) /.test(line)) {
      const list = el(/^\s*\d/.test(line) ? "ol" : "ul");
      for (; i < lines.length && /^\s*([-*]|\d+\.) /.test(lines[i]); i += 1) {
        let item = lines[i].replace(/^\s*([-*]|\d+\.) /, "");
        while (/^\s{2,}\S/.test(lines[i + 1] || "") && !/^\s*([-*]|\d+\.) /.test(lines[i + 1])) item += ` ${lines[(i += 1)].trim()}`;
        list.append(el("li", {}, inline(item)));
      }
      out.push(list);
    } else if (/^> /.test(line)) {
      const quote = [];
      for (; i < lines.length && /^> ?/.test(lines[i]); i += 1) quote.push(lines[i].replace(/^> ?/, ""));
      out.push(el("blockquote", {}, inline(quote.join(" "))));
    } else {
      const paragraph = [];
      for (; i < lines.length && lines[i].trim() && !/^(#{1,5} |\s*([-*]|\d+\.) |> |\s*\|)/.test(lines[i]); i += 1) paragraph.push(lines[i]);
      if (!paragraph.length) paragraph.push(lines[i++]);
      const joined = paragraph.join("\n");
      const quiet = /^_[^_]+_$/s.test(joined.trim());
      out.push(el("p", { class: quiet ? "quiet" : null }, quiet ? joined.trim().slice(1, -1) : inline(joined)));
    }
  }
  return out;
}

const plain = (cell) => String(cell ?? "").replace(/\*\*/g, "");
const numeric = (cell) => /^[~+−-]?[^\w\s]?\s*[\d.,\u202f\u00a0 ]+\s*(%|pts?|points|days?|hours?|k|M|[A-Z]{3})?$/.test(plain(cell).trim());

// A table of the contract: {columns, rows, and which columns hold figures where that is known}; scrolls sideways on small screens.
export function table({ columns, rows, right: told }, caption) {
  const right = told?.length ? told : columns.map((_, c) => rows.length > 0 && rows.every((r) => r[c] === null || r[c] === "" || numeric(r[c])) && rows.some((r) => r[c] !== null && r[c] !== ""));
  const body = rows.map((row) => el("tr", {}, row.map((cell, c) => el(c === 0 ? "th" : "td", { scope: c === 0 ? "row" : null, class: right[c] ? "number" : null }, inline(String(cell ?? ""))))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption || "Table" },
    el("table", {}, caption ? el("caption", { class: "unseen" }, caption) : null,
      el("thead", {}, el("tr", {}, columns.map((name, c) => el("th", { scope: "col", class: right[c] ? "number" : null }, String(name))))),
      el("tbody", {}, body)));
}

export function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function csv({ columns, rows }) {
  const cell = (value) => {
    const text = plain(value);
    const safe = /^[=+@\t\r-]/.test(text) && !numeric(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return new Blob([`\ufeff${[columns, ...rows].map((r) => r.map(cell).join(",")).join("\r\n")}\r\n`], { type: "text/csv" });
}

