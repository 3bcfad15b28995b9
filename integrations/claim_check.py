"""A sentence that somebody wrote, held against the order record: what it claims, and what the record says."""

from __future__ import annotations

import uuid
from datetime import datetime

import numpy as np
import pandas as pd

from assistant import guard
from assistant.questions import Answer, Status
from assistant.understand.entities import Vocabulary
from assistant.understand.read import understand
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.records import Citation, Verdict

WORDS = {
    Verdict.CORROBORATED: "The record bears it out",
    Verdict.CONTRADICTED: "The record says otherwise",
    Verdict.NO_RECORD: "The record does not settle it",
}


def check(text: str, at: datetime, reader: Reader, vocabulary: Vocabulary) -> Answer:
    """What the record says of a message of that moment: each claim with its verdict and evidence, or why it cannot be checked."""
    from nlp.claims import BY_NAME, find_claims, read_claims
    from nlp.corroborate import TELLS, Records, corroborate
    from nlp.encoder import load_encoder
    from nlp.text import clauses, readable

    spans = clauses([text])[0]
    pieces = [
        {"feedback_id": "message", "segment": n, "start": start, "end": end, "text": text[start:end]}
        for n, (start, end) in enumerate(spans)
    ]
    heard = pd.DataFrame(pieces, columns=["feedback_id", "segment", "start", "end", "text"])
    encoder, plain = load_encoder(), [readable(p) for p in heard["text"]]
    made = read_claims(plain, encoder.encode(plain), np.zeros(len(plain)), encoder)
    claims = find_claims(heard.assign(claims=made.claims, claim_about=made.about, claim_asserts=made.asserts))
    asked = understand(text, vocabulary, reader.snapshot.as_of.date())
    order, whose = _order(asked.order_id, reader)
    if asked.order_id is not None and order is None:
        return _said(reader, "no_data", f"I see no order {asked.order_id}: check its number, or name the customer alone.")
    if not (claims["likely"] >= TELLS).any():
        return _said(
            reader,
            "no_data",
            "There is no claim in it that the order record could settle: late, incomplete, damaged, wrong item, wrong invoice, refund, reply or stock.",
        )
    customers = [e for e in asked.entities if e.dimension == "customer"]
    if order is None and len({c.value for c in customers}) != 1:
        return _said(reader, "no_data", "I cannot tell whose order it is about: name the order or the customer in the message.")
    if order is not None and customers and whose not in {c.value for c in customers}:
        called = " or ".join(dict.fromkeys(c.label for c in customers))
        return _said(
            reader,
            "no_data",
            f"Order {order} is not one of {called}, so it proves nothing of theirs: name one of their orders.",
        )
    customer = customers[0].value if order is None else whose
    about = {"feedback_id": "message", "customer_id": customer, "order_id": order, "product_id": None}
    moment = min(pd.Timestamp(at), pd.Timestamp(reader.snapshot.as_of))
    records = Records(
        *(
            _rows(reader, n)
            for n in (
                "orders",
                "order_lines",
                "returns",
                "interactions",
                "inventory",
                "customers",
                "service_policies",
                "products",
            )
        )
    )
    found = corroborate(claims, pd.DataFrame([{**about, "at": moment}]), records)
    lines, cited = [], []
    for row in (
        found.sort_values("verdict", key=lambda v: v != Verdict.CORROBORATED).drop_duplicates("claim").to_dict("records")
    ):
        evidence = str(row["evidence"] or "").strip()
        lines.append(f"**{WORDS[Verdict(row['verdict'])]}** ({BY_NAME[row['claim']].label}). {evidence}".strip())
        cited.append(Citation(str(row["record_kind"] or "record"), str(row["record_id"] or ""), evidence))
    checked = next((c.label for c in customers if c.value == customer), f"order {order}")
    cited.append(Citation("customer" if customers else "order", str(customer or order), checked))
    note = f"_Checked against the records of {checked} · data to {reader.snapshot.as_of:%-d %b %Y}_"
    said = _said(reader, "answered", "\n".join(lines) + f"\n\n{note}", tuple(cited))
    return guard.check(said)


def _order(named: str | None, reader: Reader) -> tuple[str | None, str | None]:
    """The order of that number and whose it is; nothing where this reader sees no such order."""
    if named is None:
        return None, None
    try:
        orders = reader.table("orders")
    except NoData:
        return None, None
    found = orders.filter(orders.order_id.upper() == named.upper()).select("order_id", "customer_id").execute()
    return (str(found.order_id.iloc[0]), str(found.customer_id.iloc[0])) if len(found) else (None, None)


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
