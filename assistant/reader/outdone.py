"""What the learned reading of a question has that the reading by words lacks, where both account for all that is said."""

from __future__ import annotations

from assistant.questions import Question
from assistant.reader import links
from assistant.reader.fitness import by_default, can_be_told, says_something
from knowledge.metrics import find


def outdone(told: Question, learned: Question, measured: int) -> bool:
    """Whether the words' reading lacks what the learned one, which is whole, has a place for; `measured` is how many figures are named."""
    fact = (
        learned.operation == "facts"
        and told.operation in (None, "value", "breakdown", "list", "who", "records", "distribution")
        and not told.order_id
        and not any(find(m).one_each for m in told.metrics)  # of one customer the figure is the fact
    )
    over_time = bool(learned.having and learned.grain) and bool(told.by or not told.grain)
    too_many = len(told.metrics) > max(1, measured)  # a group is no figure
    by_nothing = bool(learned.metrics) and by_default(told) and not by_default(learned)
    lacks = without_state(told, learned) or without_order(told, learned) or without_sides(told, learned)
    lacks = lacks or (bool(told.topic) and learned.only is not None and learned.operation in ("themes", "quotes"))
    lacks = lacks or _part_of_all(told, learned)
    return fact or over_time or too_many or by_nothing or lacks or not (says_something(told) and can_be_told(told))


def without_state(told: Question, learned: Question) -> bool:
    """Whether things are counted whose state the learned reading has and the words' reading passes over ("orders shipped in May")."""
    counted = len(learned.metrics) == len(told.metrics) == 1 and learned.metrics[0].startswith("count(")
    if not counted or learned.only is None or find(told.metrics[0]).label.lower() != find(learned.metrics[0]).label.lower():
        return False
    return not (
        told.only or told.state or told.kind or told.record_state or told.claims or told.mood or told.counted or told.entities
    )


def without_order(told: Question, learned: Question) -> bool:
    """Whether the words' reading lacks the order that the learned one has records in ("the last five tickets")."""
    return bool(learned.things and learned.ranked and learned.limit) and not (told.things and told.ranked)


def _part_of_all(told: Question, learned: Question) -> bool:
    """Whether a percentage is asked that the words' reading has no place for and the learned one tells as a share."""
    shares = any("(" not in m and find(m).unit == "share" for m in told.metrics)
    return told.percent and not shares and learned.operation == "share" != told.operation


def without_sides(told: Question, learned: Question) -> bool:
    """Whether members of one kind are told together where the learned reading sets one against the other ("who had more late
    deliveries, Haas or Marin")."""
    of_one_kind = len(told.entities) > 1 and len({e.dimension for e in told.entities}) == 1
    listed = told.operation in ("orders", "records", "list")
    return of_one_kind and learned.operation == "compare" and (listed or (told.operation is None and not told.by))


def rate_for_number(told: Question, learned: Question) -> bool:
    """Whether a rate is told where nothing asks for one and the learned reading counts the things ("cancelled orders by month")."""
    rates = [m for m in told.metrics if "(" not in m and find(m).unit == "share" and find(m).components.keys() & {"k"}]
    counts = len(learned.metrics) == 1 and learned.metrics[0].startswith("count(") and not told.follow_up
    counts = counts and not any(find(m).lists for m in rates)
    return len(rates) == len(told.metrics) == 1 and counts and not links.RATES.search(told.text) and told.operation != "share"
