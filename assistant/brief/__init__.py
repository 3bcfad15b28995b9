"""Account briefs: checked figures, exact quotes and dated records of one customer, ordered for somebody who has two minutes."""

from __future__ import annotations

from assistant.brief.content import Brief
from assistant.brief.make import make
from assistant.brief.markdown import markdown, page
from assistant.brief.serialise import to_json

__all__ = ["Brief", "make", "markdown", "page", "to_json"]
