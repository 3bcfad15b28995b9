"""Tables of web pages, as shops write them into files that they call `.xls`."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from knowledge.delimited import Sheet, passed_over, table_of
from knowledge.encodings import decoded
from knowledge.errors import BadInput
from knowledge.headers import find

PAGE = re.compile(
    rb"\A\s*(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(!doctype html|html|head|meta|table|style|body)\b",
    re.IGNORECASE | re.DOTALL,
)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
WIDEST = 2000
"""Columns that a cell may stand over."""


def is_page(head: bytes) -> bool:
    """Whether these are the first bytes of a web page or of a table of one."""
    return PAGE.match(head) is not None


def read(raw: bytes, name: str, encoding: str = "") -> Sheet:
    """The table with most cells of a page. Fails: BadInput."""
    told = CHARSET.search(raw[:4096])
    page = decoded(raw, name, encoding or (told[1].decode("ascii") if told else ""))
    parser = _Tables()
    parser.feed(page.text)
    parser.close()
    rows = max(parser.tables, key=lambda t: sum(map(len, t)), default=[])
    rows = [r for r in rows if any(r)]
    if not rows:
        raise BadInput(f"{name} is a web page without a table.", "Save it as CSV or XLSX.", code="no_rows")
    at = find(rows)
    width = max(map(len, rows))
    notes = [f"a web page's table (HTML), whatever its name says; read in {page.encoding}."]
    notes += [passed_over(rows[:at], at + 1, "row")] if at else []
    return table_of([[*r, *[""] * (width - len(r))] for r in rows], at, name, (), notes)


class _Tables(HTMLParser):
    """Collects each table's rows of cells; a cell over several columns leaves the others empty."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._over = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._ended()
            self._open.append([])
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._ended()
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open:
            self._ended()
            over = dict(attrs).get("colspan") or "1"
            self._cell, self._over = [], min(int(over), WIDEST) if over.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._ended()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _ended(self) -> None:
        if self._cell is None or not self._open:
            return
        if not self._open[-1]:
            self._open[-1].append([])
        self._open[-1][-1] += [" ".join("".join(self._cell).split()), *[""] * (self._over - 1)]
        self._cell = None
