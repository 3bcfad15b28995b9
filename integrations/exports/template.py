"""How a company wants its briefs: which sections in which order and place, its words for them, its style sheet and Word template.

`brief.yaml` beside `rapport.toml`; every key may be left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.brief import Brief
from assistant.brief.content import Section
from integrations import settings as configuration
from integrations.exports.look import Look
from knowledge.declared import first_wrong
from knowledge.errors import BadInput

FILE = "brief.yaml"


class Template(BaseModel):
    """Sections of `page` and `below` by key, in order (default: as they are made); `hide` leaves some out; `titles` renames.

    `company` and `colour` (#rrggbb) stand on every form that is printed; `css` and `docx` are files beside the template; `charts` False
    leaves drawings out; `locale` writes numbers and days (default: the workspace's)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    titles: dict[str, str] = {}
    company: str = Field(default="", max_length=80)
    colour: str = Field(default=Look().colour, pattern=r"^#[0-9a-fA-F]{6}$")
    charts: bool = True
    css: Path | None = None
    docx: Path | None = None
    locale: Literal["en", "de", "fr", "es", "sv"] = "en"

    @property
    def look(self) -> Look:
        return Look(self.company, self.colour)


def load(workspace: Path) -> Template:
    """The workspace's template, the default without one. Fails: BadInput naming what is wrong with it."""
    path = workspace / FILE
    usual = configuration.load(workspace).locale
    if not path.is_file():
        return Template(locale=usual)
    try:
        template = Template(**{"locale": usual, **(yaml.safe_load(path.read_text(encoding="utf-8")) or {})})
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as err:
        raise BadInput(f"{path} is not a YAML mapping.", "Mend it, or remove it for the usual form.") from err
    except ValidationError as err:
        raise BadInput(f"{path}: {first_wrong(err)}", "Mend or remove that key.") from err
    found = {k: workspace / v for k in ("css", "docx") if (v := getattr(template, k)) is not None}
    for key, file in found.items():
        if not file.is_file():
            raise BadInput(f"{path}: `{key}` names {file}, which is not there.", "Put the file there or remove the key.")
    return template.model_copy(update=found)


def applied(brief: Brief, template: Template) -> Brief:
    """The brief in the template's order and words. Sections that it does not name follow in their own order."""
    known = {s.key: s for s in brief.sections if s.key not in template.hide}
    named: list[Section] = []
    for place, keys in (("page", template.page), ("below", template.below)):
        named += [replace(known[k], place=place) for k in keys if k in known]  # type: ignore[arg-type]
    taken = {s.key for s in named}
    rest = [s for s in known.values() if s.key not in taken]
    ordered = [*(s for s in named if s.place == "page"), *(s for s in rest if s.place == "page"),
               *(s for s in named if s.place == "below"), *(s for s in rest if s.place == "below")]  # fmt: skip
    titled = [
        replace(s, title=template.titles.get(s.key, s.title), charts=s.charts if template.charts else ()) for s in ordered
    ]
    return replace(brief, sections=tuple(titled))
