"""What was planted in the demo company is found: as themes and reasons, with the right carrier, category, packaging, channel on top;
nothing else among the first ten; and complaints of what did not happen are contradicted with the record."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from integrations.demo import Ledger, generate
from integrations.wiring import Workspace
from knowledge.access import Scope
from tests.integrations.conftest import make_company

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("voice")]
SCALE, COMMENTS = 1.0, 50
WHERE = {
    "late_carrier": {("carrier", "Norrland"), ("region", "north")},
    "mispicks": {("warehouse", "Reno"), ("category", "fittings")},
    "packaging_damage": {("packaging", "P-14")},
    "invoice_errors": {("order channel", "edi")},
    "slow_email": {("contact channel", "email")},
    "slow_credit_notes": {("return settled by", "refund")},
    "shortage": {("category", "fasteners"), ("warehouse", "Dallas")},
}


@dataclass(frozen=True)
class Heard:
    """The company's voice tables and what was planted; `said`: who says each theme, upper theme, reason and claim."""

    ledger: Ledger
    tables: dict[str, pd.DataFrame]
    said: dict[str, set[str]]

    def about(self, topic: str) -> set[str]:
        """Themes, upper themes, reasons and claims most of whose comments were written about a topic."""
        told = {f for f, topics in self.ledger.topics.items() if topic in topics}
        return {name for name, own in self.said.items() if len(own & told) >= 0.6 * len(own)}


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder = tmp_path_factory.mktemp("planted")
    home = Workspace(make_company(folder, scale=SCALE))
    reader = home.reader(Scope.of_role("admin"))
    tables = {n: reader.frame(n) for n in ("feedback_segments", "themes", "reasons", "theme_lifts", "claims")}
    segments, claims = tables["feedback_segments"], tables["claims"]
    above = segments["theme_id"].map(tables["themes"].set_index("theme_id")["parent_id"])
    said: dict[str, set[str]] = {}
    for key in (segments["theme_id"], above, segments["reason_id"]):
        said |= {str(k): set(g) for k, g in segments.groupby(key)["feedback_id"]}
    said |= {str(k): set(g) for k, g in claims.groupby("claim")["feedback_id"]}
    return Heard(generate(folder / "ledger", seed=7, scale=SCALE), tables, said)


@pytest.mark.parametrize("name", WHERE)
def test_a_planted_cause_is_found_with_its_place(heard: Heard, name: str) -> None:
    cause = heard.ledger.cause(name)
    assert len(cause.comments) >= COMMENTS
    about = heard.about(cause.topic)
    themes = {t for t in about if t[0] == "T"}
    covered = set().union(*(heard.said[t] for t in themes)) & set(cause.comments)
    assert len(covered) >= 0.4 * len(cause.comments), themes
    lifts = heard.tables["theme_lifts"]
    top = lifts[lifts["theme_id"].isin(about) & (lifts["rank"] < 3) & (lifts["standing"] != "explained")]
    assert WHERE[name] & set(zip(top["dimension"], top["level"], strict=True)), top


def test_why_is_told_in_the_words_of_those_who_know(heard: Heard) -> None:
    """Reasons are pure: what comments of one reason were written to say is mostly one thing."""
    reasons = {r: own for r, own in heard.said.items() if "-R" in r and len(own) >= 5}
    topics = heard.ledger.topics
    pure = [max(pd.Series([t for f in own for t in topics[f]]).value_counts()) / len(own) for own in reasons.values()]
    assert len(pure) >= 50
    assert pd.Series(pure).median() >= 0.75


def test_nothing_false_is_among_the_first_ten(heard: Heard) -> None:
    lifts = heard.tables["theme_lifts"]
    top = lifts[lifts["rank"] == 0].sort_values("excess", ascending=False).head(10)
    true = set().union(*WHERE.values()) | {("region", "north"), ("category", "fasteners"), ("warehouse", "Dallas")}
    assert set(zip(top["dimension"], top["level"], strict=True)) <= true


def test_what_did_not_happen_is_contradicted_with_the_record(heard: Heard) -> None:
    claims, untrue = heard.tables["claims"], set(heard.ledger.false_comments)
    false = claims[claims["feedback_id"].isin(untrue)]
    assert not (false["verdict"] == "corroborated").any()
    against = false[false["verdict"] == "contradicted"]
    assert against["feedback_id"].nunique() >= 0.7 * false["feedback_id"].nunique() >= 0.5 * len(untrue)
    assert all(r["record_id"] in r["evidence"] for r in against.to_dict("records") if r["record_kind"] != "interaction")
    others = claims[~claims["feedback_id"].isin(untrue)]
    assert (others["verdict"] == "contradicted").mean() <= 0.02
