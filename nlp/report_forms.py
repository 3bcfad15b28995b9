"""The report's other forms: a page that needs nothing beside it, a workbook, and tables in which no cell is run as a formula."""

from __future__ import annotations

import html
import json
import os
import re
from pathlib import Path

import pandas as pd

RUNS = ("=", "+", "-", "@", "\t", "\r")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
CELL = 32_000
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c2430}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .7rem;border-bottom:1px solid #d8dee6;text-align:left}"
    "h1,h2{line-height:1.2}li{margin:.2rem 0}svg{display:block;margin:.3rem 0}"
)


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would run as a formula."""

    def safe(value: object) -> object:
        return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(RUNS) else value

    return frame.assign(
        **{c: frame[c].map(safe) for c in frame.columns if frame[c].dtype == object or frame[c].dtype == "string"}
    )


def write_workbook(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """One sheet a table; texts are texts, never formulas."""
    part = path.with_name(f".{path.name}.part")
    with pd.ExcelWriter(part, engine="openpyxl") as book:
        for name, frame in tables.items():
            plain = harmless(frame).map(_cell)
            plain.to_excel(book, sheet_name=name[:31], index=False)
    os.replace(part, path)


def _cell(value: object) -> object:
    if isinstance(value, str):
        return ILLEGAL.sub("", value)[:CELL]
    return value.tz_localize(None) if isinstance(value, pd.Timestamp) and value.tz is not None else value


def page(markdown: str, themes: pd.DataFrame, trends: pd.DataFrame) -> str:
    """The report as one HTML page with charts drawn in it: how large the themes are and their mood, and what changed by month."""
    body = "\n".join(_blocks(markdown))
    first, rest = (body.split("<h2", 1)[0], "<h2" + body.split("<h2", 1)[1]) if "<h2" in body else (body, "")
    charts = _bars(themes) + "".join(_months(r) for r in _moved(trends))
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>What they say</title><style>{STYLE}</style><body>{first}{charts}{rest}</body></html>'


def _blocks(markdown: str) -> list[str]:
    """The Markdown that the report is written in: headings, lists, tables, bold and paragraphs."""
    out: list[str] = []
    inside = ""
    for line in markdown.splitlines():
        kind = "ul" if line.startswith("- ") else "table" if line.startswith("|") else ""
        if inside != kind:
            out += [f"</{inside}>"] * bool(inside) + [f"<{kind}>"] * bool(kind)
            inside = kind
        if kind == "ul":
            out.append(f"<li>{_inline(line[2:])}</li>")
        elif kind == "table" and not set(line) <= set("|-: "):
            out.append("<tr>" + "".join(f"<td>{_inline(c.strip())}</td>" for c in line.strip("|").split("|")) + "</tr>")
        elif heading := re.match(r"(#{1,3}) (.*)", line):
            size = len(heading[1])
            out.append(f"<h{size}>{_inline(heading[2])}</h{size}>")
        elif line and not kind:
            out.append(f"<p>{_inline(line)}</p>")
    return [*out, f"</{inside}>"] if inside else out


def _inline(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text))


def _bars(themes: pd.DataFrame) -> str:
    """Themes by number of comments, coloured by mood."""
    if themes.empty:
        return ""
    most, rows = max(int(themes["comments"].max()), 1), []
    for n, r in enumerate(themes.to_dict("records")):
        colour = "#c0392b" if r["sentiment"] < -0.15 else "#2e8b57" if r["sentiment"] > 0.15 else "#8a97a6"
        width, y = 360 * r["comments"] / most, 24 * n
        rows.append(
            f'<text x="290" y="{y + 16}" text-anchor="end">{html.escape(str(r["name"])[:42])}</text>'
            f'<rect x="300" y="{y + 4}" width="{width:.1f}" height="15" fill="{colour}"/>'
            f'<text x="{305 + width:.1f}" y="{y + 16}">{r["comments"]:,}</text>'
        )
    head = (
        f'<svg role="img" aria-label="Themes by number of comments" width="740" height="{24 * len(themes) + 6}" font-size="13">'
    )
    legend = "Bars count comments: red where they are mostly negative, green mostly positive, grey neither."
    return f"<h2>Themes by size and mood</h2><p>{legend}</p>{head}{''.join(rows)}</svg>"


def _moved(trends: pd.DataFrame) -> list[dict[str, object]]:
    if trends.empty:
        return []
    moved = trends[(trends["state"] != "steady") | trends["step_month"].notna()]
    return [{str(k): v for k, v in r.items()} for r in moved.sort_values(["step_q", "theme_id"]).head(6).to_dict("records")]


def _months(row: dict[str, object]) -> str:
    """One theme's comments by month as columns."""
    months = json.loads(str(row["months"]))
    if not months:
        return ""
    every = [str(p) for p in pd.period_range(min(months), max(months), freq="M")]
    most, wide = max(months.values()), min(26.0, 700 / len(every))
    bars = "".join(
        f'<rect x="{wide * i:.1f}" y="{64 - 60 * months.get(m, 0) / most:.1f}" width="{wide * 0.8:.1f}" height="{60 * months.get(m, 0) / most:.1f}"'
        f' fill="#34618e"><title>{m}: {months.get(m, 0)}</title></rect>'
        for i, m in enumerate(every)
    )
    name = html.escape(str(row["name"]))
    return f'<p>{name}, {every[0]} to {every[-1]}, at most {most} a month</p><svg role="img" aria-label="{name} by month" width="720" height="66">{bars}</svg>'
