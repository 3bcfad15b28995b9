"""What was planted in the demo company is found: as themes and reasons, with the right carrier, category, packaging, channel on top;
nothing else among the first ten; and complaints of what did not happen are contradicted with the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from integrations.demo import Ledger, causes, generate
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.query import run
from knowledge.records import Filter, MetricQuery, Period
from tests.nlp.test_themes_and_reasons import assert_nothing_said_twice

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("whole")]
COMMENTS = 50
WHERE = {
    "late_carrier": {("carrier", "Norrland"), ("region", "north")},
    "mispicks": {("warehouse", "Reno"), ("category", "fittings")},
    "packaging_damage": {("packaging", "P-14")},
    "invoice_errors": {("order channel", "edi")},
    "slow_email": {("contact channel", "email")},
    "slow_credit_notes": {("return settled by", "refund")},
    "shortage": {("category", "fasteners"), ("warehouse", "Dallas")},
    "long_lead_times": {("order type", "make"), ("order type", "engineer"), ("order type", "assemble")},
}
UNSPOKEN = {
    "rush_orders",
    "unprofitable_segment",
    "loyalty_relaunch",
    "biased_forecasts",
}  # in the records only: test_planted_truths
ELSEWHERE = {
    "automatic_approval",
    "slipping_account",
}  # comments speak of them, and the place is shown by something else: below
SETTLED = {
    "late",
    "incomplete",
    "out_of_stock",
    "wrong_invoice",
}  # of damage and wrong items only a recorded check could (METRICS C10)


@dataclass(frozen=True)
class Heard:
    """The company's voice tables and what was planted; `said`: who says each theme, upper theme, reason and claim."""

    ledger: Ledger
    reader: Reader
    tables: dict[str, pd.DataFrame]
    said: dict[str, set[str]]

    def about(self, topic: str) -> set[str]:
        """Themes, upper themes, reasons and claims most of whose comments were written about a topic."""
        told = {f for f, topics in self.ledger.topics.items() if topic in topics}
        return {name for name, own in self.said.items() if len(own & told) > 0.5 * len(own)}

    def covered(self, topic: str, comments: tuple[str, ...]) -> float:
        """The share of comments that are in a theme or reason about the topic."""
        found = set().union(*(self.said[t] for t in self.about(topic) if t[0] == "T"))
        return len(found & set(comments)) / len(comments)


@pytest.fixture(scope="module")
def heard(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    reader = Workspace(whole).reader(Scope.of_role("admin"))
    tables = {
        n: reader.frame(n)
        for n in (
            "feedback_segments",
            "themes",
            "reasons",
            "theme_lifts",
            "claims",
            "feedback",
            "feedback_text",
            "reason_mentions",
        )
    }
    segments, claims = tables["feedback_segments"], tables["claims"]
    above = segments["theme_id"].map(tables["themes"].set_index("theme_id")["parent_id"])
    said: dict[str, set[str]] = {}
    for key in (segments["theme_id"], above, segments["reason_id"]):
        said |= {str(k): set(g) for k, g in segments.groupby(key)["feedback_id"]}
    said |= {str(k): set(g) for k, g in claims.groupby("claim")["feedback_id"]}
    return Heard(generate(tmp_path_factory.mktemp("planted")), reader, tables, said)


def test_every_planted_cause_is_asked_for(heard: Heard) -> None:
    assert {c.name for c in heard.ledger.causes} == {*WHERE, *UNSPOKEN, *ELSEWHERE}
    assert {c.name for c in heard.ledger.causes if not c.comments} == UNSPOKEN


@pytest.mark.parametrize("name", WHERE)
def test_a_planted_cause_is_found_with_its_place(heard: Heard, name: str) -> None:
    cause = heard.ledger.cause(name)
    assert len(cause.comments) >= COMMENTS
    assert heard.covered(cause.topic, cause.comments) >= 0.4
    lifts = heard.tables["theme_lifts"]
    top = lifts[lifts["theme_id"].isin(heard.about(cause.topic)) & (lifts["rank"] < 3) & (lifts["standing"] != "explained")]
    assert WHERE[name] & set(zip(top["dimension"], top["level"], strict=True)), top


def test_automatic_approval_is_praised_in_so_many_words_and_the_metric_shows_where(heard: Heard) -> None:
    """Most who praise easy ordering do not speak of approval, so that the channel is no clear lift of any one theme."""
    cause = heard.ledger.cause("automatic_approval")
    assert heard.covered(cause.topic, cause.comments) >= 0.4
    reasons = heard.tables["reasons"].set_index("reason_id")["name"].str.lower()
    praised = [r for r in heard.about(cause.topic) & set(reasons.index) if "approv" in reasons[r]]
    assert praised
    channels = (
        heard.tables["feedback"]
        .set_index("feedback_id")["order_id"]
        .map(heard.reader.frame("orders").set_index("order_id")["channel"])
    )
    assert all((channels[sorted(heard.said[r])].dropna() == cause.where["channel"]).mean() > 0.5 for r in praised)
    before, after = (
        {
            f.group["channel"]: float(f.value or 0)
            for f in run(MetricQuery("approval_time", by=("channel",), period=p), heard.reader).figures
        }
        for p in (Period(causes.FIRST, causes.AUTO_APPROVAL - timedelta(days=1)), Period(causes.AUTO_APPROVAL, causes.LAST))
    )
    assert [c for c in after if after[c] < 0.5 * before[c]] == [cause.where["channel"]]


def test_the_slipping_account_is_told_by_its_own_comments(heard: Heard) -> None:
    """Seventy comments say it in as many ways, too few for a theme, and customers are no dimension of lifts (who else complains is not
    everybody's to see). The account shows it: its comments are worse than before and than elsewhere, and they come more often."""
    cause = heard.ledger.cause("slipping_account")
    feedback, mood = heard.tables["feedback"], heard.tables["feedback_text"].set_index("feedback_id")["sentiment"]
    own = feedback[feedback["customer_id"] == cause.customers[0]]
    at = pd.to_datetime(own["at"], utc=True)
    since, months = (
        at >= pd.Timestamp(causes.SLIPPING, tz="UTC"),
        at.dt.tz_localize(None).dt.to_period("M").value_counts().sort_index(),
    )
    assert set(cause.comments) <= set(own.loc[since, "feedback_id"])
    assert (mood[own.loc[since, "feedback_id"]] < 0).mean() > 1.3 * max(
        (mood[own.loc[~since, "feedback_id"]] < 0).mean(), (mood < 0).mean()
    )
    assert months["2026-08":"2026-10"].sum() > 1.3 * months["2026-05":"2026-07"].sum()
    assert "customer" not in set(heard.tables["theme_lifts"]["dimension"])
    theirs = Filter("customer", (cause.customers[0],))
    before, after, everybody = (
        run(MetricQuery("rating_mean", where=where, period=period), heard.reader).total
        for where, period in (
            ((theirs,), Period(causes.FIRST, causes.SLIPPING - timedelta(days=1))),
            ((theirs,), Period(causes.SLIPPING, causes.LAST)),
            ((), Period(causes.SLIPPING, causes.LAST)),
        )
    )
    assert before
    assert after
    assert everybody
    assert float(after.value or 5) < min(float(before.value or 0), float(everybody.value or 0)) - 0.5


def test_why_is_told_in_the_words_of_those_who_know(heard: Heard) -> None:
    """Reasons are pure: what comments of one reason were written to say is mostly one thing."""
    reasons = {r: own for r, own in heard.said.items() if "-R" in r and len(own) >= 5}
    topics = heard.ledger.topics
    pure = [max(pd.Series([t for f in own for t in topics[f]]).value_counts()) / len(own) for own in reasons.values()]
    assert len(pure) >= 50
    assert pd.Series(pure).median() >= 0.75


def test_a_reason_says_nothing_of_its_theme_again_and_is_quoted_to_the_letter(heard: Heard) -> None:
    assert_nothing_said_twice(heard.tables["themes"], heard.tables["reasons"])
    texts = heard.tables["feedback_text"].set_index("feedback_id")["text"]
    mentions = heard.tables["reason_mentions"].to_dict("records")
    assert mentions
    assert all(texts[m["feedback_id"]][m["start"] : m["end"]] == m["text"] for m in mentions)


@pytest.mark.xfail(reason="since nouns cut out of a statement are no reasons there are fewer quotes: docs/voice-names.md")
def test_reasons_have_as_many_quotes_as_before_names_were_read_from_the_parse(heard: Heard) -> None:
    assert len(heard.tables["reason_mentions"]) > 5_000


def test_nothing_false_is_among_the_first_ten(heard: Heard) -> None:
    lifts = heard.tables["theme_lifts"]
    top = lifts[lifts["rank"] == 0].sort_values("excess", ascending=False).head(10)
    true = set().union(*WHERE.values()) | {("region", "north"), ("category", "fasteners"), ("warehouse", "Dallas")}
    assert set(zip(top["dimension"], top["level"], strict=True)) <= true


@pytest.mark.xfail(
    reason="claims are contradicted only where that is fair, and many a plain one is not read yet: docs/first-asked.md"
)
def test_what_did_not_happen_is_contradicted_with_the_record(heard: Heard) -> None:
    """All of it that a record settles. Damage and wrong items are contradicted by a recorded check only, of which this company keeps
    none: the record that is there is shown instead, and nothing is borne out."""
    claims, untrue = heard.tables["claims"], set(heard.ledger.false_comments)
    false = claims[claims["feedback_id"].isin(untrue)]
    assert not (false["verdict"] == "corroborated").any()
    against = false[false["claim"].isin(SETTLED)]
    assert (against["verdict"] == "contradicted").all()
    assert against["feedback_id"].nunique() >= 0.6 * len(untrue)
    assert false["feedback_id"].nunique() >= 0.75 * len(untrue)
    shown = false[false["claim"].isin({*SETTLED, "damaged", "wrong_item"})]
    assert all(r["record_id"] in r["evidence"] for r in shown.to_dict("records"))
    others = claims[~claims["feedback_id"].isin(untrue)]
    assert (others["verdict"] == "contradicted").mean() <= 0.02


def test_most_of_what_did_not_happen_is_contradicted(heard: Heard) -> None:
    """Most of what a record settles, and hardly anything else: a claim is contradicted only where it is plainly of what the record
    tells, and where nothing else in the comment is borne out. Few comments that tell a false thing tell a true one beside it (a line of
    the order that says it came late was short). Damage and wrong items are contradicted by a recorded check only, of which this
    company keeps none: the record that is there is shown instead."""
    claims, untrue = heard.tables["claims"], set(heard.ledger.false_comments)
    false = claims[claims["feedback_id"].isin(untrue)]
    assert (false["verdict"] == "corroborated").mean() <= 0.06
    against = false[false["claim"].isin(SETTLED)]
    assert (against["verdict"] == "contradicted").mean() >= 0.55
    assert against["feedback_id"].nunique() >= 0.4 * len(untrue)
    assert false["feedback_id"].nunique() >= 0.55 * len(untrue)
    shown = false[false["claim"].isin({*SETTLED, "damaged", "wrong_item"})]
    assert all(r["record_id"] in r["evidence"] for r in shown.to_dict("records") if r["record_id"])
    others = claims[~claims["feedback_id"].isin(untrue)]
    assert (others["verdict"] == "contradicted").mean() <= 0.02
