"""Numbers and dates as a file writes them: decided over all rows and columns, or said to be undecided."""

from __future__ import annotations

import pytest

from knowledge.conventions import conventions, order_of_rows, order_of_weekdays
from knowledge.dates import DAY_FIRST, MONTH_FIRST, dates_of, moment_sql, parsed
from knowledge.notation import Notation, notation_of, number_sql, read_number
from knowledge.tables import sql_session

READ = [
    ("1.234,50", ",", 1234.5), ("1,234.50", ".", 1234.5), ("1'234.50", ".", 1234.5), ("1 234,5", ",", 1234.5), ("1,23,456.00", ".", 123456),
    ("(5.00)", ".", -5), ("5.00-", ".", -5), ("-$5.20", ".", -5.2), ("€ 1.000", ",", 1000), ("12 %", ".", 12), ("0,05", ",", 0.05),
    ("2026-01-05", ".", None), ("SKU123", ".", None), ("1.234,50", ".", None), ("3-4", ".", None),
    ("1.250,-", ",", 1250), ("€ 12.-", ".", 12), ("5,-- €", ",", 5), ("-7,-", ",", -7), ("1'200.-", ".", 1200),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sign", "value"), READ)
def test_a_number_in_python_and_in_sql(text: str, sign: str, value: float | None) -> None:
    assert read_number(text, Notation(sign)) == value
    found = sql_session().execute(f"SELECT {number_sql('$1', sign)}", [text]).fetchone()
    assert found is not None
    assert (None if found[0] is None else float(found[0])) == value


def test_a_thousand_beside_decimals_is_told_by_the_other_column() -> None:
    numbers = {"qty": {"1.000": 1, "2": 1, "2.500": 1}, "price": {"0,05": 1, "12,00": 1}}
    assert conventions(numbers, {}).decimal("qty") == ","
    assert conventions({"qty": numbers["qty"]}, {}).decimal("qty") is None
    assert notation_of(["1.000", "2.5"]).notation == Notation(".")


def test_day_and_month_are_told_by_the_files_other_dates() -> None:
    both = {"ordered": {"03/02/2026": 1, "01/04/2026": 1}, "delivered": {"18/02/2026": 1}}
    assert conventions({}, both).dates["ordered"].order == DAY_FIRST
    assert conventions({}, {"ordered": both["ordered"]}).dates["ordered"].undecided
    assert not dates_of(["02/02/2026", "05/05/2026"]).undecided  # the same day either way


def test_day_and_month_are_told_by_the_order_of_the_rows() -> None:
    rising = tuple(f"0{m}/0{d}/2026" for m, d in zip((1, 1, 2, 2, 3, 3, 4, 4, 5), (2, 5, 1, 7, 3, 6, 2, 8, 1), strict=True))
    assert order_of_rows({"day": rising}, {"day": dates_of(rising)})[0] == MONTH_FIRST
    few = ("03/04/2026", "05/06/2026")
    assert order_of_rows({"day": few}, {"day": dates_of(few)}) == ("", "")


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (("Mo", "Di", "Sa"), MONTH_FIRST),  # 2 March, 3 March and 4 April 2026
        (("mardi", "mardi", "sam."), DAY_FIRST),  # 3 February
        (("Sunday", "Tuesday", "Saturday"), ""),
        (("warm", "kalt", "warm"), ""),
    ],
)
def test_day_and_month_are_told_by_weekdays_beside_them(days: tuple[str, ...], order: str) -> None:
    dates = ("03/02/2026", "03/03/2026", "04/04/2026")
    assert order_of_weekdays({"day": days}, {"date": dates}, {"date": dates_of(dates)})[0] == order


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5. März 2026", "2026-03-05"), ("Jan 5, 2026", "2026-01-05"), ("05-Jan-26", "2026-01-05"), ("5 de enero de 2026", "2026-01-05"),
        ("01 5, 2026", "2026-01-05"), ("20260105", "2026-01-05"), ("5.1.26", "2026-01-05"), ("2026/01/05", "2026-01-05"),
        ("13/01/2026 14:33", "2026-01-13"), ("1/13/2026 2:33 PM", "2026-01-13"), ("Mon, 5 Jan 2026", "2026-01-05"),
    ],
)  # fmt: skip
def test_dates_in_python_and_in_sql(text: str, day: str) -> None:
    seen = dates_of([text])
    read = parsed(text, seen)
    assert read is not None
    assert str(read.date()) == day
    expression = moment_sql("$1", seen.formats, seen.months)[0]
    found = sql_session().execute(f"SELECT CAST({expression} AS DATE)", [text]).fetchone()
    assert found is not None
    assert str(found[0]) == day


def test_serial_and_unix_numbers() -> None:
    assert dates_of(["46031", "46032"]).numbers == "excel"
    assert dates_of(["1767225600"]).numbers == "unix"
    assert dates_of(["1767225600000"]).numbers == "unix_ms"
    assert dates_of(["12", "7"]).share == 0
