"""The taxonomy of aspects: two levels, in YAML, with descriptions and sentences; a company edits it or brings its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.declared import first_wrong
from knowledge.errors import BadInput, UnknownName

SHIPPED = Path(__file__).parent / "taxonomies"


class _Child(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    label: str
    describes: str
    says: list[str] = Field(min_length=1)


class _Parent(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    label: str
    children: list[_Child] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    aspects: list[_Parent] = Field(min_length=1)


@dataclass(frozen=True)
class Aspect:
    """One aspect: its id ("delivery.late"), label, parent's label, and the sentences that stand for it."""

    id: str
    label: str
    parent: str
    describes: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Taxonomy:
    name: str
    aspects: tuple[Aspect, ...]

    def find(self, aspect_id: str) -> Aspect:
        """Fails: UnknownName."""
        for aspect in self.aspects:
            if aspect.id == aspect_id:
                return aspect
        raise UnknownName(f"The taxonomy {self.name} has no aspect `{aspect_id}`.", "`rapport doctor` names the taxonomy.")


def load_taxonomy(name: str) -> Taxonomy:
    """A shipped taxonomy by name, or any by its YAML file. Fails: UnknownName; BadInput naming the line that is wrong."""
    path = SHIPPED / f"{name}.yaml" if not name.endswith((".yaml", ".yml")) else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.yaml")))
        raise UnknownName(f"There is no taxonomy `{name}`.", f"Give a YAML file or one of: {known}.")
    try:
        file = _File(**yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} is not a taxonomy in YAML: {err}.", "`name` and `aspects` are needed.") from err
    except ValidationError as err:
        raise BadInput(f"{path}: {first_wrong(err)}", "Mend that entry.") from err
    aspects = tuple(Aspect(c.id, c.label, p.label, c.describes, tuple(c.says)) for p in file.aspects for c in p.children)
    ids = [a.id for a in aspects]
    if len(set(ids)) < len(ids):
        raise BadInput(f"{path}: an aspect id is used twice.", "Ids are unique.")
    return Taxonomy(file.name, aspects)
