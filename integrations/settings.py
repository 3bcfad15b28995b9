"""A workspace's own settings: `rapport.toml`, checked at the edge."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from integrations.connectors.config import ScheduledImport, WatchedFolder
from knowledge.access import ROLE_RIGHTS
from knowledge.declared import first_wrong
from knowledge.errors import BadInput
from knowledge.records import Right

FILE = "rapport.toml"


class PlanTolerance(BaseModel):
    """What a partner agreement lets pass between two plans: shares, and a tracking signal; `customers` have their own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gap: float = Field(default=0.20, gt=0)
    error: float = Field(default=0.30, gt=0)
    change: float = Field(default=0.25, gt=0)
    signal: float = Field(default=4.0, gt=0)
    customers: dict[str, dict[Literal["gap", "error", "change", "signal"], Annotated[float, Field(gt=0)]]] = {}


class SegmentRule(BaseModel):
    """A segment that the company wrote itself: a name, and conditions that must all hold ("revenue >= 100000")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    where: tuple[str, ...] = Field(min_length=1)


class OwnRole(BaseModel):
    """A role of the company's own: it may do what the one that it is `like` does, and sees what its own `rights` open to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    like: Literal["rep", "manager", "quality", "admin"] = "rep"
    rights: tuple[Right, ...] | None = None


class LanguageModel(BaseModel):
    """A language model: an OpenAI-compatible `url` with the model's `name`, or the `path` of a local one; `key_env` names the
    environment variable that holds the key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = ""
    name: str = ""
    key_env: str = ""
    path: str = ""
    seconds: float = Field(default=8.0, gt=0, le=120)
    reads: bool = True
    words: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> LanguageModel:
        if bool(self.url) == bool(self.path):
            raise ValueError("give either `url` with `name`, or `path`")
        if self.url and not self.name:
            raise ValueError("`url` needs the model's `name`")
        return self


class OpenIdConnect(BaseModel):
    """A company's own sign-in (OpenID Connect): the `issuer`, our `client_id` there, and the environment variable with its secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1)
    client_id: str = Field(min_length=1)
    secret_env: str = "RAPPORT_OIDC_SECRET"
    claim: Literal["email", "preferred_username"] = "email"


class SignIn(BaseModel):
    """How people get into the page besides links and tokens: a `header` that the `proxies` in front set, `oidc`, `passwords`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: int = Field(default=12, ge=1, le=24 * 30)
    header: str = ""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    passwords: bool = False
    oidc: OpenIdConnect | None = None


class Settings(BaseModel):
    """What a company sets once. Unknown keys are an error, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = ""
    zone: str = "UTC"
    locale: Literal["en", "de", "fr", "es", "sv"] = "en"
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    service_population: Literal["all", "delivered"] = "all"
    encoder: str = ""
    spacy_pipeline: str = ""
    taxonomy: str = "supply_chain"
    outlier_budget: float = Field(default=0.02, ge=0, le=0.5)
    copies: Literal["once", "each"] = "once"
    reader: Literal["learned", "words"] = "learned"
    segments: tuple[SegmentRule, ...] = ()
    roles: dict[str, OwnRole] = {}
    teams: dict[str, tuple[str, ...]] = {}
    plan_tolerance: PlanTolerance = PlanTolerance()
    keep_snapshots: int = Field(default=5, ge=1)
    keep_answers_days: int | None = Field(default=None, ge=1)
    state_url: str = ""
    requests_per_minute: int = Field(default=240, ge=1)
    slack_trusted_teams: tuple[str, ...] = ()
    imports: tuple[ScheduledImport, ...] = ()
    watch: tuple[WatchedFolder, ...] = ()
    build_after_imports: bool = True
    build_after_decisions: int = Field(default=10, ge=0)
    sign_in: SignIn = SignIn()
    model: LanguageModel | None = None

    @field_validator("imports")
    @classmethod
    def _names_once(cls, imports: tuple[ScheduledImport, ...]) -> tuple[ScheduledImport, ...]:
        names = [one.name for one in imports]
        if len(set(names)) < len(names):
            raise ValueError("two imports have the same name")
        return imports

    @field_validator("roles")
    @classmethod
    def _names_of_their_own(cls, roles: dict[str, OwnRole]) -> dict[str, OwnRole]:
        taken = next((name for name in roles if name in ROLE_RIGHTS), None)
        if taken is not None:
            raise ValueError(f"`{taken}` is a role that is there anyway; choose another name")
        return roles

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"`{zone}` is no time zone; use a name such as Europe/Stockholm")
        return zone


def load(workspace: Path) -> Settings:
    """The workspace's settings; defaults where there is no file. Fails: BadInput naming the key that is wrong."""
    path = workspace / FILE
    shared = os.environ.get("RAPPORT_STATE_URL", "")
    elsewhere: dict[str, Any] = {"state_url": shared} if shared else {}
    if not path.is_file():
        return Settings(**elsewhere)
    try:
        return Settings(**{**elsewhere, **tomllib.loads(path.read_text(encoding="utf-8"))})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} is not valid TOML: {err}.", "Mend that line.") from err
    except ValidationError as err:
        raise BadInput(f"{path}: {first_wrong(err)}", "Mend or remove that key.") from err


def workspace_folder(given: Path | None) -> Path:
    """`--workspace`, else RAPPORT_WORKSPACE, else ./workspace."""
    return given or Path(os.environ.get("RAPPORT_WORKSPACE") or "workspace")
