"""An account brief, or its next steps, as an answer in a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.questions import Answer, Plan
from assistant.shape import framed
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.records import Period

NUMBERED = re.compile(r"^\d+\. ", re.MULTILINE)


def told(plan: Plan, reader: Reader) -> Answer:
    """The first page of the brief on whom the plan names; of the operation `advise` what to do next and why.

    Fails: NoData (`nobody_named`)."""
    from assistant.brief import Brief, make, page
    from assistant.brief.book import Book
    from assistant.brief.content import Day, Name
    from assistant.brief.markdown import section_text
    from assistant.brief.wording import stand

    named = next((e for e in plan.slots.get("entities", ()) if e["dimension"] in ("customer", "parent")), None)
    others = [e for e in plan.slots.get("entities", ()) if e is not named]
    if named is None and not others:
        raise NoData("Nobody has been named here yet.", "Name a customer: “brief on Acme”.", code="nobody_named")
    wanted = named["value"] if named else f"{others[0]['label']} customers"

    def parts(brief: Brief) -> Iterator[str]:
        for words in brief.words():
            for part in words:
                if isinstance(part, Name | Period):
                    yield part.text if isinstance(part, Name) else part.label

    brief = make(wanted, reader, reader.once("book of briefs", lambda: Book(reader)), drawings=False)
    brief = replace(brief, sections=tuple(s for s in brief.sections if s.place == "page"))
    text = page(brief)
    if plan.operation == "advise" and (steps := brief.section("steps")):
        three = brief.section("three")
        text = f"**{brief.title}**\n\n" + "\n\n".join(section_text(s) for s in (steps, three) if s)
    days = sorted({str(p.on) for words in brief.words() for p in words if isinstance(p, Day)} | {str(brief.as_of.date())})
    slots = {**plan.slots, "dates": days, "names": sorted({brief.title, stand(brief), *parts(brief)})}
    text = NUMBERED.sub("- ", text)
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=tuple(brief.figures()), quotes=tuple(brief.quotes())
    )
