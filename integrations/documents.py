"""Documents as doors list them: those meant for the reader's role, of the reader's accounts or of none."""

from __future__ import annotations

from typing import Any

import pandas as pd

from knowledge.access import Reader, Scope
from knowledge.errors import Ambiguous, NoData, UnknownName
from knowledge.search import EVERYBODY


def listed(reader: Reader) -> list[dict[str, Any]]:
    """Id, title, kind and customer of each, by title."""
    found = _readable(reader)
    rows = found[["document_id", "title", "kind", "customer_id"]].sort_values(["title", "document_id"]).astype(object)
    return [{str(k): v for k, v in row.items()} for row in rows.where(rows.notna(), None).to_dict("records")]


def text(reader: Reader, document_id: str) -> str:
    """The words of one, by id or title. Fails: UnknownName for one that is hidden as for none; Ambiguous for several."""
    found = _readable(reader)
    mine = found[found["document_id"] == document_id]
    if mine.empty:
        mine = found[found["title"].astype("str").str.casefold() == document_id.strip().casefold()]
    if len(mine) > 1:
        ids = tuple(str(i) for i in mine["document_id"])
        raise Ambiguous(f"{len(ids)} documents are called `{document_id}`.", f"Give the id: {', '.join(ids[:3])}.", choices=ids)
    if mine.empty:
        raise UnknownName(f"There is no document `{document_id}`.", "documents://all names those you may read.")
    return str(mine.iloc[0]["text"])


def _readable(reader: Reader) -> pd.DataFrame:
    scope = reader.scope
    try:
        every = Reader(reader.workspace, reader.snapshot, Scope.of_role("admin"), reader.engine).frame("documents")
    except NoData:
        return pd.DataFrame(columns=["document_id", "title", "kind", "customer_id", "text", "audience"])
    if scope.kind != "admin":
        meant = (
            every["audience"]
            .fillna("")
            .map(lambda a: {w.strip().lower() for w in str(a).split(",")} & (EVERYBODY | scope.audiences))
        )
        every = every[meant.astype(bool)]
    if scope.accounts is not None:
        every = every[every["customer_id"].isna() | every["customer_id"].isin(scope.accounts)]
    return every
