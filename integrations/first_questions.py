"""Questions for an empty ask box that work on this workspace: each is checked to run as this reader before it is offered."""

from __future__ import annotations

from assistant.introduction import starters
from integrations.theme_evidence import frame
from knowledge.access import Reader

OF_THEMES = "why are customers unhappy?"


def questions(reader: Reader) -> list[str]:
    """Of what there is data for; reasons only where themes were found."""
    return [q for q in starters(reader) if q != OF_THEMES or len(frame(reader, "themes"))]
