"""Questions about the field: strangers' wordings over the handbook, on small workspaces with and without data."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest

from assistant import guard
from assistant.concept_answer import concept
from assistant.concept_match import asked
from assistant.concept_near import near
from knowledge.access import Reader, Scope
from knowledge.handbook import entries
from knowledge.metrics import find
from knowledge.topics import TOPICS
from nlp.encoder import load_encoder
from tests.assistant.conftest import Ask
from tests.support import reader as opened
from tests.support import workspace

# fmt: off
WORDINGS = [
    ("hey can someone explain the bullwhip thing to me", "Bullwhip effect", "what"),
    ("why do our orders swing so much more than shop sales, is that the bull-whip effect and why does it matter", "Bullwhip effect", "why"),
    ("any tips to reduce the bullwhip?", "Bullwhip effect", "improve"),
    ("whats safety stock for", "Safety stock", "what"),
    ("how do i work out the reorder point", "Reorder point", "compute"),
    ("when should we go make-to-order", "Make to order", "when"),
    ("does MTS make sense for slow stuff", "Make to stock", "when"),
    ("ETO meaning?", "Engineer to order", "what"),
    ("assemble to order - what is it", "Assemble to order", "what"),
    ("new here... what does CODP stand for", "Customer order decoupling point", "what"),
    ("why would anyone care where the decoupling point sits", "Customer order decoupling point", "why"),
    ("ABC analysis pls", "ABC classification", "what"),
    ("explain xyz classes in plain words", "XYZ classification", "what"),
    ("What is RFM and what do people use it for?", "RFM", "what"),
    ("when is RFM not a good idea", "RFM", "when"),
    ("how is NPS calculated", "NPS", "compute"),
    ("my boss keeps saying detractors. what are they", "NPS", "what"),
    ("what's the point of measuring csat", "CSAT", "why"),
    ("how could we make customer effort lower", "CES", "improve"),
    ("define churn", "Churn", "what"),
    ("what can we do about customer attrition", "Churn", "improve"),
    ("why is retention so important", "Retention and loyalty", "why"),
    ("how do you calculate retention here", "Retention and loyalty", "compute"),
    ("what do people mean by cost-to-serve", "Cost to serve", "what"),
    ("how can we bring the cost to serve down", "Cost to serve", "improve"),
    ("give me examples of cost drivers", "Cost driver", "what"),
    ("should we use activity based costing", "Activity-based costing", "when"),
    ("the whale curve?? what's that", "Whale curve", "what"),
    ("how do you compute fill rate here", "Fill rate", "compute"),
    ("how do we get the fill rate up", "Fill rate", "improve"),
    ("what makes an order perfect, i.e. what is a perfect order", "Perfect order", "what"),
    ("what are the parts of a perfect order", "Perfect order components", "what"),
    ("formula for OTIF please", "OTIF", "compute"),
    ("why does on time delivery matter to buyers", "On-time delivery", "why"),
    ("tell me what a backorder is", "Backorder", "what"),
    ("how is forecast bias measured", "Forecast bias", "compute"),
    ("is MAPE worth using for spare parts", "MAPE", "when"),
    ("what is vendor managed inventory good for", "VMI", "why"),
    ("walk me through the steps of cpfr", "CPFR", "what"),
    ("wallet share - how do i find that out", "Share of wallet", "what"),
    ("what does a key account manager do", "Key account management", "what"),
    ("what's a touchpoint", "Touchpoint", "what"),
    ("moments of truth?", "Moment of truth", "what"),
    ("how do you do customer journey mapping", "Customer journey", "what"),
    ("why bother closing the loop with customers", "Closed loop feedback", "why"),
    ("Can you tell me about the Kano model", "Kano model", "what"),
    ("what exactly goes in an SLA", "SLA", "what"),
    ("when do i escalate a case", "Escalation", "when"),
    ("what's a credit memo", "Credit note", "what"),
    ("RMA, what does it mean", "RMA", "what"),
    ("what is meant by reverse logistics", "Reverse logistics", "what"),
    ("how do we improve first contact resolution", "First contact resolution", "improve"),
    ("explain omnichanel", "Omnichannel", "what"),
    ("why should we treat customers differently, i mean service level differentiation", "Service level differentiation", "why"),
    ("how do we build trust with a customer", "Relationship trust", "improve"),
    ("what is voice of the customer", "Voice of the customer", "what"),
    ("when would you segment customers at all", "Customer segmentation", "when"),
    ("What is CLV?", "CLV", "what"),
    ("how is customer lifetime value worked out here", "CLV", "compute"),
    ("is it worth having a loyalty programme", "Loyalty programme", "when"),
    ("what is customer-centric design", "Customer-centric design", "what"),
    ("predictive analytics for customers, why", "Predictive customer analytics", "why"),
    ("what do you call intermittent demand and why is it so hard", "Intermittent demand", "why"),
    ("advice on handling complaint management", "Complaint handling", "improve"),
    ("how could we cut resolution time", "Resolution time", "improve"),
    ("explain vmi like i'm five", "VMI", "what"),
    ("what's an order-to-delivery cycle", "Order-to-delivery cycle", "what"),
    ("what's our industry's word postponement about", "Postponement", "what"),
    ("what is a strategic account", "Strategic accounts", "what"),
    ("What is demand segmentation used for", "Demand segmentation", "what"),
    ("what do you call it when demand swings grow from the customer up the chain", "Bullwhip effect", "what"),
]
DIFFERENCES = [
    ("what's the difference between fill rate and service level", ("Fill rate", "Cycle service level"), "share of demand that stock covered"),
    ("OTIF vs perfect order", ("OTIF", "Perfect order"), "damage"),
    ("is lead time the same as cycle time?", ("Lead time", "Order cycle time"), "span"),
    ("churn or retention, how do they differ", ("Churn", "Retention and loyalty"), "stayed"),
    ("difference between retention and loyalty", ("Retention and loyalty", "Loyalty"), "attitude"),
    ("NPS compared to CSAT", ("NPS", "CSAT"), "recommend"),
    ("should we use VMI or CPFR", ("VMI", "CPFR"), "jointly"),
    ("how is omnichannel different from multichannel", ("Omnichannel", "Multichannel"), "side by side"),
    ("make to stock versus make to order", ("Make to stock", "Make to order"), "forecast"),
    ("i always mix up ABC and XYZ classes", ("ABC classification", "XYZ classification"), "regular"),
    ("gross margin vs markup", ("Gross margin",), "markup to cost"),
    ("how does MAPE differ from WAPE", ("MAPE", "WAPE"), "sum of errors"),
    ("CRM vs customer experience", ("Customer relationship management", "Customer experience management"), "customers"),
    ("what distinguishes a credit note from a refund", ("Credit note", "Refund"), "pays money back"),
]
# fmt: on
UNKNOWN = [
    "what is a poka-yoke",
    "what is kaizen",
    "difference between EBITDA and EBIT",
    "what is the difference between churn and flibberation",
    "how do i set up a trust fund",
    "what is a loyalty oath",
    "who won the world cup",
    "revenue by region",
    "fill rate in 2026",
    "what is the churn of Zyxel",
    "what's the weather like today",
    "please write me a poem",
    "",
    "why",
]


DESCRIBED = [
    ("what reasons do companies have for changing vendors", "Reasons for leaving"),
    ("why would we plan jointly with our customers", "CPFR"),
    ("how do we work with goods sent back to us", "Reverse logistics"),
    ("how do we stand out if every supplier sells the same goods", "Differentiation"),
    ("is it more important to be quick or reliable", "On-time delivery"),
]
OFF_THE_FIELD = [
    "why is the sky blue",
    "how does a forklift work",
    "how do I reset my password",
    "how do we hire warehouse people",
    "what is a good salary for a driver",
    "what is a stock option",
    "how should I invest my money",
]
SETTLED = [
    ("what is the point of grouping our clients, I mean segmenting the customers", "Customer segmentation", "over-serves"),
    ("order winning criteria or order qualifying criteria, how do they differ?", "Order winner", "onto the list"),
    ("order qualifiers or order winners?", "Order winner", "admits"),
    ("what does OTIF stand for", "OTIF", "penalties"),
    ("what is the difference between CSAT and CES?", "CSAT", "how easy"),
    ("when would we go for make-to-stock instead of make-to-order?", "Make to stock", "wait"),
    ("what is a bullwhip effect and how do we reduce it?", "Bullwhip effect", "growth of demand swings"),
    ("what are post-transaction elements of customer service?", "Elements of customer service", "spare parts"),
]
FIGURES = [
    "what is our fill rate",
    "what is the average order value",
    "churn rate by region",
    "NPS and CSAT in 2026",
    "difference in revenue between 2025 and 2026",
    "order fill rate vs unit fill rate",
    "how many customers are at risk",
    "how long does it take until somebody answers a customer",
]


def company(root, *, service: bool) -> Reader:  # type: ignore[no-untyped-def]
    lines = pd.DataFrame(
        {"order_id": [f"O{i}" for i in range(8)], "line": 1, "product_id": "P", "qty_ordered": 4, "unit_price": 5}
    )
    orders = pd.DataFrame(
        {"order_id": lines["order_id"], "customer_id": ["C1", "C2"] * 4, "ordered_at": pd.Timestamp("2026-01-01", tz="UTC")}
    )
    orders["status"] = "delivered"
    if service:
        orders["promised_date"] = date(2026, 1, 5)
        orders["delivered_at"] = [pd.Timestamp("2026-01-04" if i < 6 else "2026-01-07", tz="UTC") for i in range(8)]
        lines["qty_shipped_first"] = [4, 4, 4, 4, 4, 2, 0, 4]
    frames = {
        "customers": pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["Acme", "Globex"]}),
        "products": pd.DataFrame({"product_id": ["P"], "name": ["Pallet"]}),
        "orders": orders,
        "order_lines": lines,
    }
    return opened(workspace(root, frames, "2026-02-01"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return company(tmp_path_factory.mktemp("served"), service=True)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A shop without dates of delivery, costs, comments or documents."""
    return company(tmp_path_factory.mktemp("bare"), service=False)


@pytest.mark.parametrize(("text", "name", "part"), WORDINGS)
def test_strangers_wordings_find_the_entry_and_the_part(text: str, name: str, part: str) -> None:
    read = asked(text)
    assert read is not None
    assert (read.entries[0].name, read.part) == (name, part)


@pytest.mark.parametrize(("text", "names", "said"), DIFFERENCES)
def test_differences_set_both_sides_apart(text: str, names: tuple[str, ...], said: str, served: Reader) -> None:
    answer = concept(text, served)
    assert answer is not None
    assert tuple(c.title for c in answer.citations) == names
    assert said in answer.text


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_the_handbook_does_not_know_is_left_to_others(text: str, served: Reader) -> None:
    assert concept(text, served) is None


def test_a_name_of_two_things_is_asked_back_unless_the_question_says_which(served: Reader) -> None:
    answer = concept("what is ABC", served)
    assert answer is not None
    assert answer.status == "clarify"
    assert {c.label for c in answer.choices} == {"ABC classification", "Activity-based costing"}
    for choice in answer.choices:
        again = concept(choice.question, served)
        assert again is not None
        assert again.citations[0].title == choice.label
    told = concept("does ABC assign overhead cost to activities", served)
    assert told is not None
    assert told.citations[0].title == "Activity-based costing"


def test_the_workspace_computes_it_with_a_worked_example(served: Reader) -> None:
    answer = concept("how do you compute fill rate here", served)
    assert answer is not None
    metric = find("fill_rate")
    assert metric.definition in answer.text
    assert metric.formula in answer.text
    assert (answer.figures[0].numerator, answer.figures[0].denominator) == (6, 8)
    assert "6 of 8" in answer.text
    assert answer.plan["queries"][0]["metric"] == "fill_rate"


def test_without_the_data_it_says_both(bare: Reader) -> None:
    answer = concept("what is on-time delivery", bare)
    assert answer is not None
    assert answer.status == "answered"
    assert "promised date" in answer.text
    assert "No figure of On-time delivery for you here" in answer.text
    assert not answer.figures


def test_who_may_not_see_the_figure_is_told_the_concept_and_no_figure(served: Reader) -> None:
    rep = Reader(served.workspace, served.snapshot, Scope.of_role("rep"), served.engine)
    answer = concept("what is gross margin", rep)
    assert answer is not None
    assert "cost of the goods" in answer.text
    assert "No figure of Gross margin for you here" in answer.text
    assert all(f.metric != "gross_margin" for f in answer.figures)


def test_each_number_of_every_entrys_answers_is_accounted_for(served: Reader, bare: Reader) -> None:
    wordings = ("what is {}", "why does {} matter", "how do we improve {}", "how is {} calculated", "when does {} make sense")
    for place, entry in enumerate(entries()):
        for step, reader in enumerate((served, bare)):
            answer = concept(wordings[(place + 2 * step) % len(wordings)].format(entry.name), reader)
            assert answer is not None, entry.name
            assert answer.citations[0].title == entry.name
            assert answer.citations[0].kind == "handbook"
            assert not guard.untraced(answer), entry.name


def test_all_names_lead_to_their_entry() -> None:
    for entry in entries():
        for name in entry.names:
            read = asked(f"what is {name}")
            assert read is not None, name
            assert entry in (*read.entries, *read.either), name


def test_entries_are_whole_without_digits_and_name_metrics_that_exist() -> None:
    for entry in entries():
        for text in (entry.means, entry.matters, entry.serves, entry.improve, *entry.differs.values()):
            assert text.endswith("."), entry.name
            assert not re.search(r"\d", text), entry.name
        assert entry.source
        assert all(find(m) for m in entry.metrics)
    assert len({e.name for e in entries()}) == len(entries()) >= 150


def test_each_of_the_twenty_topics_has_its_metrics_in_the_handbook() -> None:
    named = {m for e in entries() for m in e.metrics}
    for topic in TOPICS:
        assert named & set(topic.metrics), topic.name
        assert asked(f"what is {topic.name}") is not None, topic.name


@pytest.mark.parametrize(("text", "name"), DESCRIBED)
def test_a_question_without_a_name_finds_the_entry_by_its_meaning(text: str, name: str) -> None:
    read = near(text, load_encoder().encode)
    assert read is not None
    assert read.entries[0].name == name


@pytest.mark.parametrize("text", OFF_THE_FIELD)
def test_what_is_not_of_the_field_is_near_to_no_entry(text: str) -> None:
    assert near(text, load_encoder().encode) is None


@pytest.mark.parametrize(("text", "name", "said"), SETTLED)
def test_the_assistant_answers_questions_of_the_field_from_the_handbook(ask: Ask, text: str, name: str, said: str) -> None:
    answer = ask(text)
    assert answer.status == "answered"
    assert name in {c.title for c in answer.citations if c.kind == "handbook"}
    assert said in answer.text


@pytest.mark.parametrize("text", FIGURES)
def test_questions_for_figures_are_not_answered_by_the_handbook(ask: Ask, text: str) -> None:
    assert not [c for c in ask(text).citations if c.kind == "handbook"]


@pytest.mark.parametrize("text", OFF_THE_FIELD)
def test_the_assistant_refuses_what_is_not_of_the_field(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert answer.status != "answered" or not [c for c in answer.citations if c.kind == "handbook"]


def test_a_definition_is_told_with_what_it_is_and_how_it_is_computed(ask: Ask) -> None:
    answer = ask("what does perfect order mean")
    metric = find("perfect_order")
    assert metric.definition in answer.text
    assert metric.formula in answer.text
    assert answer.citations[0].title == "Perfect order"


def test_what_one_named_thing_does_for_another_is_said(ask: Ask) -> None:
    answer = ask("what is the bullwhip effect and does sharing forecasts reduce it?")
    assert [c.title for c in answer.citations] == ["Bullwhip effect", "Information sharing"]
    assert "one cause of the bullwhip" in answer.text
