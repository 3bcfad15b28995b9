"""The things to know: every rule looks at the account and may find one; they are ranked by the money at stake."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Line
from assistant.brief.rules import buying, money, service, standing, voice
from assistant.brief.rules.headline import Headline, Rule

SHOWN, OF_ONE_KIND = 3, 2
RULES: tuple[Rule, ...] = (
    *buying.RULES, *service.RULES, *money.RULES, *voice.RULES, *standing.RULES,
)  # fmt: skip


def headlines(account: Account) -> list[Headline]:
    """Everything that the rules find, most at stake first."""
    found = [h for rule in RULES for h in rule(account)]
    return sorted(found, key=lambda h: (-_stake(h), h.key, h.lead))


def chosen(found: list[Headline]) -> list[Headline]:
    """The three to know: most at stake, at most two of a kind, one of them what kind of account it is where that is unusual."""
    counted: dict[str, int] = {}
    kept: list[Headline] = []
    standing_first = [h for h in found if h.kind == "standing"][:1]
    for headline in [*standing_first, *found]:
        if headline in kept or len(kept) == SHOWN or counted.get(headline.kind, 0) >= OF_ONE_KIND:
            continue
        counted[headline.kind] = counted.get(headline.kind, 0) + 1
        kept.append(headline)
    return sorted(kept, key=lambda h: (-_stake(h), h.key, h.lead))


def as_line(headline: Headline) -> Line:
    stake = (" At stake: ", headline.stake, ".") if derived.number(headline.stake) else ()
    return Line(
        (*headline.parts, *stake),
        lead=headline.lead,
        figures=headline.evidence,
        citations=headline.citations,
        rule=headline.rule,
    )


def as_step(headline: Headline) -> Line:
    return Line(headline.step, figures=(headline.stake,), rule=headline.rule, owner=headline.owner)


def _stake(headline: Headline) -> float:
    return abs(derived.number(headline.stake) or 0.0)
