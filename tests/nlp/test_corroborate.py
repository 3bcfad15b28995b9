"""METRICS C10, row by row of its table."""

from __future__ import annotations

import pandas as pd
import pytest

from nlp.corroborate import COLUMNS, Records, Rules, corroborate


def claim(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "feedback_id": ["F"],
            "segment": [0],
            "start": [0],
            "end": [5],
            "claim": [name],
            "about": [""],
            "asserts": [True],
            "likely": [0.9],
        }
    )


def comment(at: str = "2025-11-06T12:00:00Z", order: str | None = "48213", product: str | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"feedback_id": ["F"], "customer_id": ["C"], "order_id": [order], "product_id": [product], "at": [pd.Timestamp(at)]}
    )


def order(name: str = "48213", promised: str | None = "2025-11-04", delivered: str | None = "2025-11-06T10:12:00Z", status: str = "delivered") -> dict[str, object]:  # fmt: skip
    return {
        "order_id": name, "customer_id": "C", "status": status, "ordered_at": pd.Timestamp("2025-10-20T08:00:00Z"), "ship_from": "Dallas",
        "promised_date": pd.Timestamp(promised) if promised else pd.NaT, "delivered_at": pd.Timestamp(delivered) if delivered else pd.NaT,
    }  # fmt: skip


def line(**values: object) -> dict[str, object]:
    return {"order_id": "48213", "product_id": "P", "qty_ordered": 10, "qty_delivered": 10, "qty_shipped_first": 10} | values


def orders(*rows: dict[str, object]) -> pd.DataFrame:
    made = pd.DataFrame(list(rows))
    for column in ("delivered_at", "ordered_at"):
        made[column] = pd.to_datetime(made[column], utc=True)
    return made


def verdict(name: str, said: pd.DataFrame, records: Records, rules: Rules = Rules()) -> tuple[str, str]:  # noqa: B008
    row = corroborate(claim(name), said, records, rules).iloc[0]
    return row["verdict"], row["evidence"]


def test_late_as_in_the_examples() -> None:
    found = corroborate(claim("late"), comment(), Records(orders=orders(order()))).iloc[0]
    assert list(found.index) == COLUMNS
    assert (found["verdict"], found["record_kind"], found["record_id"]) == ("corroborated", "order", "48213")
    assert found["evidence"] == "Order 48213 was promised for 4 Nov 2025 and delivered 6 Nov 2025, 2 days late."


@pytest.mark.parametrize(
    ("row", "at", "want"),
    [
        (order(delivered="2025-11-04T17:00:00Z"), "2025-11-06T12:00:00Z", "contradicted"),  # on the day is on time
        (order(delivered=None, status="open"), "2025-11-06T12:00:00Z", "corroborated"),
        (order(delivered="2025-11-09T12:00:00Z"), "2025-11-06T12:00:00Z", "corroborated"),  # as things stood
        (order(delivered=None, status="open"), "2025-11-03T12:00:00Z", "no record"),
        (order(promised=None), "2025-11-06T12:00:00Z", "no record"),
        (order(delivered=None), "2025-11-06T12:00:00Z", "no record"),
        (order(delivered=None, status="cancelled"), "2025-11-06T12:00:00Z", "no record"),
    ],
)
def test_late(row: dict[str, object], at: str, want: str) -> None:
    assert verdict("late", comment(at), Records(orders=orders(row)))[0] == want


def test_the_day_is_that_of_the_zone() -> None:
    records = Records(orders=orders(order(delivered="2025-11-05T01:00:00Z")))
    assert verdict("late", comment(), records)[0] == "corroborated"
    assert verdict("late", comment(), records, Rules(zone="America/Chicago"))[0] == "contradicted"


def test_without_an_order_one_candidate_corroborates_and_only_all_contradict() -> None:
    late, fine = order("A"), order("B", delivered="2025-11-03T10:00:00Z")
    old = order("C", promised="2025-09-01", delivered="2025-09-09T10:00:00Z")
    said = comment(order=None)
    assert verdict("late", said, Records(orders=orders(late, fine, old)))[0] == "corroborated"
    assert verdict("late", said, Records(orders=orders(fine, old)))[0] == "contradicted"
    assert verdict("late", said, Records(orders=orders(fine, order("D", promised=None))))[0] == "no record"
    assert verdict("late", said, Records(orders=orders(old)))[0] == "no record"


@pytest.mark.parametrize(
    ("name", "values", "want"),
    [
        ("incomplete", {"qty_delivered": 6}, "corroborated"),
        ("incomplete", {}, "contradicted"),
        ("incomplete", {"qty_delivered": None}, "no record"),
        ("incomplete", {"qty_shipped_first": 7}, "corroborated"),  # short when it came, whatever followed
        ("damaged", {"is_damaged": True}, "corroborated"),
        ("damaged", {"is_damaged": False}, "no record"),  # merely not noted
        ("damaged", {}, "no record"),
        ("wrong_item", {"is_wrong_item": True}, "corroborated"),
        ("wrong_item", {"is_wrong_item": False}, "no record"),
        ("wrong_invoice", {"invoice_ok": False}, "corroborated"),
        ("wrong_invoice", {"invoice_ok": True}, "contradicted"),
        ("wrong_invoice", {"invoice_ok": None}, "no record"),
        ("out_of_stock", {"qty_shipped_first": 3}, "corroborated"),
        ("out_of_stock", {}, "contradicted"),
        ("out_of_stock", {"qty_shipped_first": None}, "no record"),
    ],
)
def test_lines(name: str, values: dict[str, object], want: str) -> None:
    records = Records(orders=orders(order()), lines=pd.DataFrame([line(**values), line(product_id="Q", invoice_ok=True)]))
    assert verdict(name, comment(), records)[0] == want


def test_only_the_lines_of_the_product_that_the_comment_is_about_count() -> None:
    lines = pd.DataFrame([line(), line(product_id="Q", qty_delivered=2)])
    records = Records(orders=orders(order()), lines=lines)
    assert verdict("incomplete", comment(product="P"), records)[0] == "contradicted"
    assert verdict("incomplete", comment(product="Q"), records) == ("corroborated", "Order 48213: 2 of 10 of Q delivered.")


def test_a_return_for_the_reason_corroborates() -> None:
    back = pd.DataFrame({"return_id": ["R1"], "order_id": ["48213"], "customer_id": ["C"], "reason_code": ["damaged"]})
    records = Records(orders=orders(order()), lines=pd.DataFrame([line(is_damaged=False)]), returns=back)
    assert verdict("damaged", comment(), records) == ("corroborated", "Goods of order 48213 came back as damaged (return R1).")
    assert verdict("wrong_item", comment(), records)[0] == "no record"


def test_an_empty_shelf_on_the_day_of_the_order_corroborates() -> None:
    shelf = pd.DataFrame({"product_id": ["P"], "location": ["Dallas"], "at": [pd.Timestamp("2025-10-20")], "on_hand": [0]})
    records = Records(orders=orders(order()), lines=pd.DataFrame([line()]), inventory=shelf)
    assert verdict("out_of_stock", comment(), records)[0] == "corroborated"


@pytest.mark.parametrize(
    ("resolved", "want"),
    [(None, "corroborated"), ("2025-11-20", "corroborated"), ("2025-11-05", "corroborated"), ("2025-10-09", "contradicted")],
)
def test_refunds(resolved: str | None, want: str) -> None:
    back = pd.DataFrame(
        {
            "return_id": ["R1"], "order_id": ["48213"], "customer_id": ["C"], "requested_at": [pd.Timestamp("2025-10-01", tz="UTC")],
            "resolved_at": pd.to_datetime([resolved], utc=True),
        }
    )  # fmt: skip
    assert verdict("slow_refund", comment(), Records(returns=back))[0] == want
    assert verdict("slow_refund", comment("2025-09-01T00:00:00Z"), Records(returns=back))[0] == "no record"


@pytest.mark.parametrize(
    ("asked", "answered", "want"),
    [
        ("2025-11-01T08:00:00Z", None, "corroborated"),
        ("2025-11-01T08:00:00Z", "2025-11-03T08:00:00Z", "corroborated"),
        ("2025-11-01T08:00:00Z", "2025-11-01T10:00:00Z", "contradicted"),
        ("2025-11-01T08:00:00Z", "2025-11-09T10:00:00Z", "corroborated"),  # not yet when the comment was written
        ("2025-10-01T08:00:00Z", None, "no record"),
    ],
)
def test_answers(asked: str, answered: str | None, want: str) -> None:
    touches = pd.DataFrame(
        {
            "interaction_id": ["T1"], "customer_id": ["C"], "at": [pd.Timestamp(asked)], "channel": ["email"], "direction": ["inbound"],
            "first_response_at": pd.to_datetime([answered], utc=True),
        }
    )  # fmt: skip
    tier = pd.DataFrame({"customer_id": ["C"], "service_tier": ["gold"]})
    policy = pd.DataFrame({"service_tier": ["gold"], "first_response_hours_target": [8.0]})
    assert verdict("no_reply", comment(), Records(interactions=touches, customers=tier, policies=policy))[0] == want


def test_without_any_table_nothing_is_settled() -> None:
    for name in ("late", "incomplete", "damaged", "wrong_item", "wrong_invoice", "slow_refund", "no_reply", "out_of_stock"):
        assert verdict(name, comment(), Records())[0] == "no record"
    assert corroborate(claim("late").iloc[:0], comment(), Records()).empty


def told(*names: str, likely: float = 0.9, about: str = "", asserts: bool = True) -> pd.DataFrame:
    rows = pd.concat([claim(n) for n in names], ignore_index=True)
    return rows.assign(segment=range(len(names)), likely=likely, about=about, asserts=asserts)


GOODS = pd.DataFrame({"product_id": ["P"], "name": ["Ball valve 2 inch"]})


@pytest.mark.parametrize(
    ("made", "want"),
    [
        (told("incomplete"), ["contradicted"]),
        (told("incomplete", about="valves"), ["contradicted"]),
        (told("incomplete", about="gasket"), ["no record"]),  # not on the order: the record does not speak of it
        (told("incomplete", asserts=False), ["no record"]),
        (told("incomplete", likely=0.6), ["no record"]),
        (told("incomplete", likely=0.3), []),
        (told("late", likely=0.3), ["corroborated"]),  # hardly said, but borne out
        (told("incomplete", "late"), ["no record", "corroborated"]),  # they are right about one thing
    ],
)
def test_contradicted_only_where_it_is_fair(made: pd.DataFrame, want: list[str]) -> None:
    records = Records(orders=orders(order()), lines=pd.DataFrame([line()]), products=GOODS)
    assert corroborate(made, comment(), records)["verdict"].tolist() == want


def test_kept_promises_do_not_contradict_who_asked_for_an_earlier_day() -> None:
    wanted = order(delivered="2025-11-04T10:00:00Z") | {"requested_date": pd.Timestamp("2025-11-01")}
    assert verdict("late", comment(), Records(orders=orders(wanted)))[0] == "no record"
