"""How fair verdicts are, on comments with known truth: each with its order's record and the claims, causes and dangers in it.

A line of the file: id, text, order (or null), claims (span, statement, verdict), reason (complaint, cause), danger, mood."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd

from knowledge.errors import BadInput
from knowledge.records import Verdict
from nlp.claims import BY_NAME, find_claims
from nlp.corroborate import Records, corroborate
from nlp.encoder import Encoder, load_encoder
from nlp.evaluate import cost
from nlp.language import languages
from nlp.pipeline import READ, Voice, analyse
from nlp.taxonomy import load_taxonomy

CLAIM_OF = {
    "late": "late", "not delivered": "late", "incomplete": "incomplete", "damaged": "damaged", "wrong item": "wrong_item",
    "wrong invoice": "wrong_invoice", "slow response": "no_reply", "slow refund": "slow_refund", "out of stock": "out_of_stock",
}  # fmt: skip
UNCHECKED = frozenset({"damaged", "wrong_item"})  # that it did not happen shows only a record of a check (METRICS C10)
VERDICT_OF = {"borne out": Verdict.CORROBORATED.value, "contradicted": Verdict.CONTRADICTED.value}
TAXONOMY = "supply_chain"
WRITTEN, ASKED = pd.Timedelta(days=20), pd.Timedelta(days=7)  # after the last day of the order; after that day


def eval_voice(data: Path, *, encoder: Encoder | None = None) -> dict[str, Any]:
    """Verdicts told, unfair ones and reversals; causes told and dangers raised. What other languages say, what is no claim of the
    product's and what no record can settle counts as not told.

    Fails: BadInput (`no_file`, `empty`)."""
    started = time.perf_counter()
    rows = read_truth(data)
    voice, told = heard(rows, encoder or load_encoder())
    claims = judged(rows, told)
    result: dict[str, Any] = {}
    for verdict in VERDICT_OF.values():
        mine = claims[claims["truth"] == verdict]
        result[f"{verdict}_told"], result[f"{verdict}_true"] = int((mine["verdict"] == verdict).sum()), len(mine)
        result[f"{verdict}_settleable"] = int(mine["can"].sum())
    no = told[told["verdict"] == Verdict.CONTRADICTED.value]
    true = set(zip(*(claims.loc[claims["truth"] == Verdict.CONTRADICTED.value, c] for c in ("id", "claim")), strict=True))
    settled = claims["truth"].isin(VERDICT_OF.values()) & claims["verdict"].isin(VERDICT_OF.values())
    result |= {
        "contradictions": len(no),
        "unfair": sum(k not in true for k in zip(no["feedback_id"], no["claim"], strict=True)),
        "reversals": int((settled & (claims["verdict"] != claims["truth"])).sum()),
    }
    return {
        **result,
        **_found(rows, told),
        **_moods(rows, voice),
        **_causes(rows, voice),
        **_dangers(rows, voice),
        **cost(started, len(rows), 0),
        "protocol": f"{len(rows)} comments with their records and truth; `settleable` leaves out other languages, claims that the product "
        "does not know, and damage and wrong items that nobody checked.",
    }  # fmt: skip


def read_truth(data: Path) -> list[dict[str, Any]]:
    """The lines of the file.

    Fails: BadInput (`no_file`, `empty`)."""
    if not data.is_file():
        raise BadInput(f"There is no file {data}.", "Check the path.", code="no_file")
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not rows:
        raise BadInput(f"{data.name} has no comment.", "Give one a line.", code="empty")
    return rows


def heard(rows: list[dict[str, Any]], encoder: Encoder) -> tuple[Voice, pd.DataFrame]:
    """What the pipeline makes of the comments, and the claims with their verdicts."""
    feedback, records = as_tables(rows)
    voice = analyse(feedback, encoder, load_taxonomy(TAXONOMY))
    return voice, corroborate(find_claims(voice.segments), feedback, records)


def as_tables(rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, Records]:
    """The comments, and the records of their orders: each written well after its order was due and delivered, by a customer of its
    own, who had asked before."""
    feedback, orders, lines, returns, asked = [], [], [], [], []
    for row in rows:
        known = row["order"] or {}
        days = pd.to_datetime(
            pd.Series([known.get(c) for c in ("ordered_at", "promised_date", "delivered_at")]), utc=True
        ).dropna()
        last = days.max() if len(days) else pd.Timestamp("2024-01-01", tz="UTC")
        name = known.get("order_id")
        feedback.append(
            {"feedback_id": row["id"], "customer_id": row["id"], "order_id": name, "text": row["text"], "at": last + WRITTEN}
        )
        if not known:
            continue
        orders.append({**{k: known[k] for k in ("order_id", "ordered_at", "promised_date", "requested_date", "delivered_at", "status")}, "customer_id": row["id"]})  # fmt: skip
        lines += [{**line, "order_id": name, "product_id": line["product"]} for line in known["lines"]]
        returns += [
            {
                "reason_code": r.get("reason_code") or r.get("reason"),
                "return_id": f"R-{row['id']}-{n}",
                "order_id": name,
                "customer_id": row["id"],
            }
            for n, r in enumerate(known["returns"])
        ]
        if (hours := known["first_response_hours"]) is not None:
            at = last + ASKED
            asked.append({"interaction_id": f"I-{row['id']}", "customer_id": row["id"], "at": at, "channel": "email", "direction": "inbound", "first_response_at": at + pd.Timedelta(hours=hours)})  # fmt: skip
    each = pd.DataFrame(lines)
    tables = Records(
        orders=pd.DataFrame(orders),
        lines=each,
        returns=pd.DataFrame(returns),
        interactions=pd.DataFrame(asked),
        products=pd.DataFrame({"product_id": each["product"].unique(), "name": each["product"].unique()})
        if len(each)
        else each,
    )
    return pd.DataFrame(feedback).assign(product_id=None), tables


def judged(rows: list[dict[str, Any]], told: pd.DataFrame) -> pd.DataFrame:
    """Each claim of the truth: id, claim, span, truth (a verdict or "no record"), the verdict told ("" where none was), and whether the
    product could settle it at all."""
    verdicts: dict[tuple[str, str], set[str]] = {}
    for identity, claim, verdict in zip(told["feedback_id"], told["claim"], told["verdict"], strict=True):
        verdicts.setdefault((identity, claim), set()).add(verdict)
    read = dict(zip((r["id"] for r in rows), languages([r["text"] for r in rows]), strict=True))
    out = []
    for row in rows:
        for claim in row["claims"]:
            name = CLAIM_OF.get(claim["statement"], "")
            truth = VERDICT_OF.get(claim["verdict"], Verdict.NO_RECORD.value)
            found = verdicts.get((row["id"], name), set())
            verdict = truth if truth in found else next(iter(sorted(found)), "")
            unchecked = truth == Verdict.CONTRADICTED.value and name in UNCHECKED
            can = name in BY_NAME and read[row["id"]] in READ and not unchecked
            out.append((row["id"], name, claim["span"], truth, verdict, can))
    return pd.DataFrame(out, columns=["id", "claim", "span", "truth", "verdict", "can"])


def _found(rows: list[dict[str, Any]], told: pd.DataFrame) -> dict[str, int]:
    """Of the kinds of claims that each comment makes, how many are read at all; how many are read that nobody made."""
    truth = {(r["id"], CLAIM_OF[c["statement"]]) for r in rows for c in r["claims"] if c["statement"] in CLAIM_OF}
    read = set(zip(told["feedback_id"], told["claim"], strict=True))
    return {"claims_found": len(truth & read), "claims_true": len(truth), "claims_false": len(read - truth)}


def _moods(rows: list[dict[str, Any]], voice: Voice) -> dict[str, int]:
    """Of comments whose mood is clear (not mixed) and that were read, in how many it is told right."""
    sign = {"negative": -1, "neutral": 0, "positive": 1}
    mood = voice.texts.set_index("feedback_id")["mood"].dropna()
    clear = [r for r in rows if r["mood"] in sign and r["id"] in mood.index]
    return {"moods_right": sum(int(mood[r["id"]]) == sign[r["mood"]] for r in clear), "moods": len(clear)}


def _causes(rows: list[dict[str, Any]], voice: Voice) -> dict[str, int]:
    """Of comments that state a cause in how many it is told as a reason; of complaints that state none how many are told none."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for identity, start, end in zip(*(voice.reason_mentions[c] for c in ("feedback_id", "start", "end")), strict=True):
        spans.setdefault(identity, []).append((start, end))
    stated = told = none = silent = 0
    for row in rows:
        reason = row["reason"] or {}
        if cause := reason.get("cause"):
            at = row["text"].find(cause)
            stated += 1
            told += any(start < at + len(cause) and at < end for start, end in spans.get(row["id"], ()))
        elif reason.get("complaint"):
            none += 1
            silent += row["id"] not in spans
    return {"causes_told": told, "causes_stated": stated, "no_cause_told_none": silent, "no_cause": none}


def _dangers(rows: list[dict[str, Any]], voice: Voice) -> dict[str, int]:
    raised = set(voice.segments.loc[voice.segments["danger"].fillna("").astype(bool), "feedback_id"])
    risky = {r["id"] for r in rows if r["danger"]}
    return {
        "dangers_raised": len(raised & risky),
        "dangers": len(risky),
        "false_dangers": len(raised - risky),
        "harmless": len(rows) - len(risky),
    }
