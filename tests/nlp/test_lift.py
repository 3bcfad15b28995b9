"""METRICS C9: what is over-represented is found, what only goes with it is named as such, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from nlp.lift import adjusted, lifts, two_rates


def test_the_reference_case() -> None:
    """EC8: late 9 of 20 at one site, 11 of 180 elsewhere."""
    one = np.array([9.0]), np.array([20.0]), np.array([11.0]), np.array([180.0])
    assert two_rates(*one)[0] == pytest.approx(1.319e-05, abs=1e-8)
    assert adjusted(np.array([0.001, 0.012, 0.03, 0.04, 0.5])).round(4).tolist() == [0.005, 0.03, 0.05, 0.05, 0.5]


def test_fisher_is_scipys() -> None:
    draw = np.random.default_rng(4)
    for _ in range(60):
        n, m = (int(x) for x in draw.integers(1, 15, 2))
        a, b = int(draw.integers(0, n + 1)), int(draw.integers(0, m + 1))
        ours = two_rates(*(np.array([float(x)]) for x in (a, n, b, m)))[0]
        total = a + b
        if min(n, m) * min(total, n + m - total) / (n + m) < 5:
            assert ours == pytest.approx(fisher_exact([[a, n - a], [b, m - b]]).pvalue, rel=1e-6)


@pytest.fixture(scope="module")
def company() -> tuple[pd.DataFrame, set[str]]:
    """Packaging P-14 breaks; lot L9 is always P-14 (mostly the same rows: no); carrier N goes with P-14 but does no harm."""
    draw = np.random.default_rng(1)
    rows, says = [], set()
    for i in range(3000):
        name = f"f{i:04d}"
        bad = draw.random() < 0.2
        rows += [(name, "packaging", "P-14" if bad else "P-1"), (name, "kind of box", "thin" if bad else "thick"),
                 (name, "carrier", "N" if draw.random() < (0.7 if bad else 0.2) else "M"), (name, "warehouse", str(draw.choice(["A", "B", "C"])))]  # fmt: skip
        if draw.random() < (0.3 if bad else 0.03):
            says.add(name)
    return pd.DataFrame(rows, columns=["feedback_id", "dimension", "level"]), says


def test_the_cause_is_first_and_what_goes_with_it_is_explained(company: tuple[pd.DataFrame, set[str]]) -> None:
    found = lifts({"crushed": company[1]}, company[0])
    first = found.iloc[0]
    assert {(first["dimension"], first["level"]), tuple(first["also"].split(": "))} == {
        ("packaging", "P-14"),
        ("kind of box", "thin"),
    }
    assert (first["standing"], first["ratio"] > 5, first["q"] < 1e-6) == ("first", True, True)
    carrier = found[(found["dimension"] == "carrier")]
    assert carrier["standing"].tolist() == ["explained"]
    assert "warehouse" not in set(found["dimension"])


def test_the_order_of_rows_does_not_matter(company: tuple[pd.DataFrame, set[str]]) -> None:
    turned = lifts({"crushed": company[1]}, company[0].sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(turned, lifts({"crushed": company[1]}, company[0]))


def test_chance_finds_nothing_and_nothing_gives_nothing() -> None:
    draw = np.random.default_rng(7)
    rows = [(f"f{i:04d}", d, str(draw.integers(0, 8))) for i in range(800) for d in ("a", "b", "c")]
    properties = pd.DataFrame(rows, columns=["feedback_id", "dimension", "level"])
    outcomes = {str(k): {f"f{i:04d}" for i in range(800) if draw.random() < 0.1} for k in range(10)}
    assert len(lifts(outcomes, properties)) <= 1
    assert lifts({}, properties).empty
    assert lifts(outcomes, properties.iloc[:0]).empty


def test_the_late_carrier_is_first_not_the_warehouse_that_uses_it() -> None:
    """Carrier N is late, mostly from warehouse A, which ships more than N carries: A's excess is the larger one."""
    draw = np.random.default_rng(6)
    rows, says = [], set()
    for i in range(4000):
        name, site = f"f{i:04d}", str(draw.choice(["A", "B", "C"]))
        carrier = "N" if draw.random() < {"A": 0.55, "B": 0.08, "C": 0.0}[site] else "M"
        rows += [
            (name, "warehouse", site),
            (name, "carrier", carrier),
            (name, "order type", "stock" if draw.random() < 0.95 else "make"),
        ]
        if draw.random() < (0.25 if carrier == "N" else 0.05):
            says.add(name)
    found = lifts({"late": says}, pd.DataFrame(rows, columns=["feedback_id", "dimension", "level"]))
    assert (found.iloc[0]["dimension"], found.iloc[0]["level"], found.iloc[0]["standing"]) == ("carrier", "N", "first")
    assert found.set_index("level")["standing"].get("A", "explained") == "explained"
    assert "stock" not in set(found["level"])


def test_what_most_have_is_named_where_it_is_the_cause() -> None:
    draw = np.random.default_rng(8)
    rows = [(f"f{i:04d}", "contact channel", "email" if draw.random() < 0.6 else "phone") for i in range(1000)]
    says = {f for f, _, level in rows if level == "email" and draw.random() < 0.2}
    found = lifts({"slow": says}, pd.DataFrame(rows, columns=["feedback_id", "dimension", "level"]))
    assert found["level"].tolist() == ["email"]
