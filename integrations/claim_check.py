"""A sentence that somebody wrote, held against the order record: what it claims, and what the record says."""

from __future__ import annotations

import uuid
from datetime import datetime

import pandas as pd

from assistant import guard
from assistant.questions import Answer, Status
from assistant.understand.entities import Vocabulary
from assistant.understand.read import understand
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.records import Citation

WORDS = {
    "corroborated": "The record bears it out",
    "contradicted": "The record says otherwise",
    "no_record": "There is no record of it",
}


def check(text: str, at: datetime, reader: Reader, vocabulary: Vocabulary) -> Answer:
    """What the record says of a message of that moment: each claim with its verdict and evidence, or why it cannot be checked."""
    from nlp.claims import CLAIMS, find_claims
    from nlp.corroborate import Records, corroborate
    from nlp.text import clauses

    spans = clauses([text])[0]
    pieces = [
        {"feedback_id": "message", "segment": n, "start": start, "end": end, "text": text[start:end]}
        for n, (start, end) in enumerate(spans)
    ]
    heard = pd.DataFrame(pieces, columns=["feedback_id", "segment", "start", "end", "text"])
    claims = find_claims(heard.assign(aspect="", aspect_confidence=0.0, sentiment=-1.0, sentiment_score=-0.5))
    if claims.empty:
        return _said(
            reader,
            "no_data",
            "There is no claim in it that the order record could settle: late, incomplete, damaged, wrong item, wrong invoice, refund, reply or stock.",
        )
    asked = understand(text, vocabulary, reader.snapshot.as_of.date())
    customers = [e for e in asked.entities if e.dimension == "customer"]
    order = _order(asked.order_id, reader)
    if order is None and len({c.value for c in customers}) != 1:
        return _said(reader, "no_data", "I cannot tell whose order it is about: name the order or the customer in the message.")
    about = {
        "feedback_id": "message",
        "customer_id": customers[0].value if customers else None,
        "order_id": order,
        "product_id": None,
    }
    if order is not None and not customers:
        orders = reader.table("orders")
        about["customer_id"] = orders.filter(orders.order_id == order).customer_id.execute().iloc[0]
    moment = min(pd.Timestamp(at), pd.Timestamp(reader.snapshot.as_of))
    records = Records(
        *(
            _rows(reader, n)
            for n in ("orders", "order_lines", "returns", "interactions", "inventory", "customers", "service_policies")
        )
    )
    found = corroborate(claims, pd.DataFrame([{**about, "at": moment}]), records)
    labels = {c.name: c.label for c in CLAIMS}
    lines, cited = [], []
    for row in found.drop_duplicates("claim").to_dict("records"):
        evidence = str(row["evidence"] or "").strip()
        lines.append(f"**{WORDS[row['verdict']]}** ({labels[row['claim']]}). {evidence}".strip())
        cited.append(Citation(str(row["record_kind"] or "record"), str(row["record_id"] or ""), evidence))
    whose = customers[0].label if customers else f"order {order}"
    cited.append(Citation("customer" if customers else "order", str(about["customer_id"] or order), whose))
    note = f"_Checked against the records of {whose} · data to {reader.snapshot.as_of:%-d %b %Y}_"
    said = _said(reader, "answered", "\n".join(lines) + f"\n\n{note}", tuple(cited))
    return guard.check(said)


def _order(wanted: str | None, reader: Reader) -> str | None:
    if not wanted:
        return None
    try:
        orders = reader.table("orders")
    except NoData:
        return None
    return wanted if orders.filter(orders.order_id == wanted).count().execute() else None


def _rows(reader: Reader, name: str) -> pd.DataFrame:
    try:
        return reader.frame(name)
    except NoData:
        return pd.DataFrame()


def _said(reader: Reader, status: Status, text: str, citations: tuple[Citation, ...] = ()) -> Answer:
    as_of, snapshot = reader.snapshot.as_of, reader.snapshot.id
    return Answer(
        uuid.uuid4().hex[:12], status, text, citations=citations, as_of=as_of, snapshot=snapshot, plan={"operation": "claim"}
    )
