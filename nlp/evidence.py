"""What single records say about a claim: one finding a pair of claim and record, with the sentence that shows it (METRICS C10)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.records import Verdict

YES, NO, NONE = (v.value for v in Verdict)
Findings = pd.DataFrame
"""row, verdict, record_kind, record_id, evidence, near (days between the record and the comment)."""
Line = Mapping[str, Any]
Flags = npt.NDArray[np.bool_]
RETURNED = {
    "damaged": re.compile(r"damag|broken|transit|crush|dent", re.IGNORECASE),
    "wrong_item": re.compile(r"wrong|not as ordered|mis-?pick|incorrect", re.IGNORECASE),
}
FLAGS = {"damaged": "is_damaged", "wrong_item": "is_wrong_item", "wrong_invoice": "invoice_ok"}


def findings(
    rows: pd.DataFrame, verdict: npt.NDArray[np.object_], kind: str, ids: pd.Series, said: Sequence[str], near: pd.Series
) -> Findings:
    """The frame of findings, one a row of `rows`."""
    return pd.DataFrame(
        {
            "row": rows["row"].to_numpy(),
            "verdict": verdict,
            "record_kind": kind,
            "record_id": ids.astype(str).to_numpy(),
            "evidence": list(said),
            "near": near.fillna(1e6).to_numpy(np.float64),
        }
    )


def orders_late(pairs: pd.DataFrame) -> Findings:
    """Delivered against promised, date against date, as things stood when the comment was written."""
    if pairs.empty:
        return Findings()
    promised, delivered, written = pairs["promised_on"], pairs["delivered_on"], pairs["written_on"]
    lost = (
        (pairs["status"] == "cancelled") | ((pairs["status"] == "delivered") & pairs["delivered_at"].isna()) | promised.isna()
    )
    days = (delivered.fillna(written) - promised).dt.days
    came = delivered.notna()
    wanted = delivered <= pairs["requested_on"].fillna(delivered)
    verdict = np.where(lost, NONE, np.where(days > 0, YES, np.where(came & wanted, NO, NONE)))
    said = [
        _late(o, p, d, w, n, bool(x), s)
        for o, p, d, w, n, x, s in zip(
            pairs["order_id"], promised, delivered, written, days, lost, pairs["status"], strict=True
        )
    ]
    return findings(pairs, verdict, "order", pairs["order_id"], said, _near(pairs))


def _late(
    order: str, promised: pd.Timestamp, came: pd.Timestamp, written: pd.Timestamp, days: float, lost: bool, status: str
) -> str:
    if lost:
        gap = (
            "was cancelled"
            if status == "cancelled"
            else "has no promised date"
            if pd.isna(promised)
            else "has no delivery date"
        )
        return f"Order {order} {gap}."
    start = f"Order {order} was promised for {day(promised)}"
    if pd.notna(came):
        how = f"{_days(days)} late" if days > 0 else "on the day promised" if days == 0 else f"{_days(-days)} early"
        return f"{start} and delivered {day(came)}, {how}."
    if days > 0:
        return f"{start} and not delivered when the comment was written on {day(written)}, {_days(days)} past due."
    return f"{start}, which had not passed when the comment was written on {day(written)}."


def through_lines(pairs: pd.DataFrame, lines: pd.DataFrame, returns: pd.DataFrame, claim: str) -> Findings:
    """Incomplete, damaged, wrong item, wrong invoice: by the lines of the order (of the product, where the comment names one)."""
    if pairs.empty or lines.empty:
        return Findings()
    found = _lines_of(pairs, lines)
    bad, good = _incomplete(found) if claim == "incomplete" else _flagged(found, claim)
    pairs = pairs.reset_index(drop=True)
    yes, no = _any_and_all(found, bad, good, len(pairs))
    faulty = _first_of_each(found[bad])
    if claim == "incomplete":
        no = no & pairs["delivered_on"].notna().to_numpy()
    sent_back = _returned(pairs, returns, claim)
    verdict = np.where(yes | sent_back.notna(), YES, np.where(no & (claim in {"incomplete", "wrong_invoice"}), NO, NONE))
    said = [
        _line_sentence(claim, o, v, faulty.get(i), None if y else back)
        for i, (o, v, y, back) in enumerate(zip(pairs["order_id"], verdict, yes, sent_back, strict=True))
    ]
    return findings(pairs, verdict, "order", pairs["order_id"], said, _near(pairs))


def _lines_of(pairs: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of each pair's order, numbered by `pair`; only those of the comment's product where the order has it."""
    columns = ["order_id", "product_id", "qty_ordered", "qty_delivered", "qty_shipped_first", *FLAGS.values()]
    wanted = lines.loc[lines["order_id"].isin(set(pairs["order_id"]))].reindex(columns=columns)
    asked = pairs[["order_id", "product_id"]].rename(columns={"product_id": "asked"}).assign(pair=np.arange(len(pairs)))
    found = asked.merge(wanted, on="order_id")
    same = (found["product_id"] == found["asked"]).fillna(False)
    found = found[same | ~same.groupby(found["pair"]).transform("any")].reset_index(drop=True)
    for name, column in (("ordered", "qty_ordered"), ("delivered", "qty_delivered"), ("first", "qty_shipped_first")):
        found[name] = pd.to_numeric(found[column], errors="coerce").astype("float64")
    return found


def _any_and_all(found: pd.DataFrame, bad: pd.Series, good: pd.Series, pairs: int) -> tuple[Flags, Flags]:
    """For each pair whether any of its lines is bad, and whether all are good; no to both where it has no line."""
    of = found["pair"].to_numpy(np.int64)
    lines, wrong, right = (np.bincount(of, weights=w, minlength=pairs) for w in (None, bad, good))
    return wrong > 0, (right == lines) & (lines > 0)


def _first_of_each(found: pd.DataFrame) -> dict[int, Line]:
    """The first line of each pair."""
    rows = found.drop_duplicates("pair")[["pair", "product_id", "ordered", "delivered", "first"]].to_dict("records")
    return {int(r["pair"]): {str(k): v for k, v in r.items()} for r in rows}


def _incomplete(found: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Short in all, or in the first shipment: then it was short when it came, whatever followed."""
    short = (found["delivered"] < found["ordered"]) | (found["first"] < found["ordered"])
    return short, (found["delivered"] >= found["ordered"]) & ~short


def _flagged(found: pd.DataFrame, claim: str) -> tuple[pd.Series, pd.Series]:
    """Lines that carry the fault, and lines of which the record says that they do not."""
    value = found[FLAGS[claim]].astype("object")
    true, false = value.eq(True).fillna(False).astype(bool), value.eq(False).fillna(False).astype(bool)
    return (false, true) if claim == "wrong_invoice" else (true, false)


def _returned(pairs: pd.DataFrame, returns: pd.DataFrame, claim: str) -> pd.Series:
    """Id of a return of the order for that reason; None without."""
    pattern = RETURNED.get(claim)
    if pattern is None or returns.empty or "reason_code" not in returns:
        return pd.Series([None] * len(pairs), dtype="object")
    given = returns[returns["order_id"].notna() & returns["reason_code"].fillna("").astype(str).str.contains(pattern)]
    first = given.sort_values("return_id").drop_duplicates("order_id").set_index("order_id")["return_id"]
    ids = pairs["order_id"].map(first).astype("object")
    return ids.where(ids.notna(), None)


_FAULT = {"damaged": "noted as damaged", "wrong_item": "noted as a wrong item", "wrong_invoice": "invoiced wrong"}
_CLEAN = {
    "damaged": "Nothing is noted as damaged in order {}, but nobody recorded a check.",
    "wrong_item": "No wrong item is noted in order {}, but nobody recorded a check.",
}


def _line_sentence(claim: str, order: str, verdict: str, line: Line | None, back: object) -> str:
    if verdict == YES and back:
        return f"Goods of order {order} came back as {'damaged' if claim == 'damaged' else 'a wrong item'} (return {back})."
    if claim == "incomplete":
        if verdict == YES and line is not None:
            first = line["delivered"] >= line["ordered"]
            came = f"{line['first']:g} of {line['ordered']:g} of {line['product_id']} were in the first shipment"
            whole = f"{line['delivered']:g} of {line['ordered']:g} of {line['product_id']} delivered"
            return f"Order {order}: {came if first else whole}."
        return (
            f"Every line of order {order} was delivered in full."
            if verdict == NO
            else f"Order {order} has no quantities that settle it."
        )
    if verdict == YES and line is not None:
        return f"In order {order}, {line['product_id']} is {_FAULT[claim]}."
    if claim == "wrong_invoice":
        return (
            f"Every line of order {order} was invoiced right."
            if verdict == NO
            else f"Order {order} has no check of its invoice."
        )
    return _CLEAN[claim].format(order)


def stock(pairs: pd.DataFrame, lines: pd.DataFrame, inventory: pd.DataFrame) -> Findings:
    """First shipment against ordered, or nothing on hand on the day of the order at the warehouse that ships."""
    if pairs.empty or lines.empty:
        return Findings()
    found, pairs = _lines_of(pairs, lines), pairs.reset_index(drop=True)
    bare = _bare(found, pairs, inventory)
    bad = (found["first"] < found["ordered"]) | bare
    yes, no = _any_and_all(found, bad, found["first"] >= found["ordered"], len(pairs))
    verdict = np.where(yes, YES, np.where(no, NO, NONE))
    worst = _first_of_each(found[bad])
    said = [_stock_sentence(o, v, worst.get(i)) for i, (o, v) in enumerate(zip(pairs["order_id"], verdict, strict=True))]
    return findings(pairs, verdict, "order", pairs["order_id"], said, _near(pairs))


def _bare(found: pd.DataFrame, pairs: pd.DataFrame, inventory: pd.DataFrame) -> pd.Series:
    if inventory.empty:
        return pd.Series(False, index=found.index)
    empty = inventory[pd.to_numeric(inventory["on_hand"], errors="coerce") == 0]
    keys = set(zip(empty["product_id"], empty["location"], pd.to_datetime(empty["at"]).dt.normalize(), strict=True))
    place, when = found["pair"].map(pairs["ship_from"]), found["pair"].map(pairs["ordered_on"])
    return pd.Series([k in keys for k in zip(found["product_id"], place, when, strict=True)], index=found.index)


def _stock_sentence(order: str, verdict: str, line: Line | None) -> str:
    if line is not None:
        if line["first"] < line["ordered"]:
            return (
                f"Order {order}: {line['first']:g} of {line['ordered']:g} of {line['product_id']} were in the first shipment."
            )
        return f"Order {order}: nothing of {line['product_id']} was on hand on the day of the order."
    return (
        f"Order {order} left complete in its first shipment."
        if verdict == NO
        else f"Order {order} has no first shipment on record."
    )


def refunds(told: pd.DataFrame, returns: pd.DataFrame, target: float) -> Findings:
    """Returns of the comment's order, else of the customer, asked for before the comment: open at that time, or settled late."""
    if told.empty or returns.empty:
        return Findings()
    columns = ["return_id", "order_id", "customer_id", "requested_at", "resolved_at"]
    given = returns.reindex(columns=columns).rename(columns={"order_id": "of"})
    pairs = told[["row", "customer_id", "order_id", "at"]].merge(given, on="customer_id").reset_index(drop=True)
    asked, done = (pd.to_datetime(pairs[c], utc=True) for c in ("requested_at", "resolved_at"))
    known = asked.notna() & (asked <= pairs["at"])
    pairs, asked, done = pairs[known], asked[known], done[known]
    own = (pairs["of"] == pairs["order_id"]).fillna(False)
    keep = own | ~own.groupby(pairs["row"]).transform("any")
    pairs, asked, done = pairs[keep], asked[keep], done[keep]
    if pairs.empty:
        return Findings()
    still, took, verdict = _waited(asked, done, pairs["at"], 86400, target)
    said = [
        f"Return {r} was asked for on {day(a)} and not settled when the comment was written, {_days(int(n))} later."
        if s
        else f"Return {r} was asked for on {day(a)} and settled on {day(d)}, after {_days(int(n))} (target {target:g})."
        for r, a, d, n, s in zip(pairs["return_id"], asked, done, took, still, strict=True)
    ]
    return findings(pairs, verdict, "return", pairs["return_id"], said, (pairs["at"] - asked).dt.total_seconds() / 86400)


def contacts(
    told: pd.DataFrame, pairs: pd.DataFrame, interactions: pd.DataFrame, targets: pd.Series, otherwise: float = 24
) -> Findings:
    """Contacts that asked for an answer before the comment: unanswered at that time, or answered later than promised."""
    if pairs.empty or interactions.empty:
        return Findings()
    given = interactions.reindex(columns=["interaction_id", "customer_id", "at", "channel", "first_response_at"])
    given = given.rename(columns={"at": "asked"}).drop_duplicates("interaction_id")
    both = pairs.merge(given, on="interaction_id").merge(told[["row", "at"]], on="row")
    asked, answered = (pd.to_datetime(both[c], utc=True) for c in ("asked", "first_response_at"))
    target = both["customer_id"].map(targets).astype("float64").fillna(otherwise)
    still, hours, verdict = _waited(asked, answered, both["at"], 3600, target)
    said = [
        f"{str(c or 'Contact').capitalize()} {i} of {day(a)} had no answer when the comment was written, {h:.0f} hours later."
        if s
        else f"{str(c or 'Contact').capitalize()} {i} of {day(a)} was answered after {h:.0f} hours (target {t:g})."
        for i, c, a, h, t, s in zip(both["interaction_id"], both["channel"], asked, hours, target, still, strict=True)
    ]
    return findings(both, verdict, "interaction", both["interaction_id"], said, (both["at"] - asked).dt.total_seconds() / 86400)


def _waited(
    asked: pd.Series, done: pd.Series, written: pd.Series, unit: int, target: pd.Series | float
) -> tuple[pd.Series, pd.Series, npt.NDArray[np.object_]]:
    """Whether it was open when the comment was written, how long it took (or had, by then) in units of so many seconds, and what that
    says: borne out where it was open or took longer than the target."""
    still = done.isna() | (done > written)
    took = (done.where(~still, written) - asked).dt.total_seconds() / unit
    return still, took, np.where(still | (took > target), YES, NO)


def _near(pairs: pd.DataFrame) -> pd.Series:
    moment = pairs["delivered_on"].fillna(pairs["promised_on"])
    return (pairs["written_on"] - moment).dt.days.abs().reset_index(drop=True)


def day(when: pd.Timestamp) -> str:
    """4 Nov 2025."""
    return f"{when.day} {when:%b %Y}"


def _days(number: float) -> str:
    return f"{number:.0f} day{'' if round(number) == 1 else 's'}"
