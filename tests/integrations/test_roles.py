"""Roles and teams that a company names itself in `rapport.toml`: what they see, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.doctor import examine
from integrations.settings import load
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.errors import BadInput, NotAllowed, UnknownName
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current
from tests.integrations.serving import Served, copied, served

SETTINGS = """requests_per_minute = 1000000

[roles.key_account]
rights = ["commercial"]

[roles.auditor]
like = "manager"
rights = []

[teams]
first = ["{owner}"]
"""


@pytest.fixture(scope="module")
def home(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(company, tmp_path_factory.mktemp("roles"))
    owner = Reader(folder, current(folder), Scope.of_role("admin")).frame("customers")["account_owner"].dropna().iloc[0]
    (folder / "rapport.toml").write_text(SETTINGS.format(owner=owner), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def up(home: Path) -> Iterator[Served]:
    with served(home) as running:
        for name, role, accounts in (("Kim", "key_account", "team=First"), ("Ada", "auditor", "all"), ("Old", "gone", "all")):
            running.live.state.add_user(name, role, accounts=accounts)
            running.tokens[name] = running.live.state.new_token(name)
        yield running


def test_an_own_role_sees_what_its_rights_open(home: Path) -> None:
    workspace = Workspace(home)
    key_account, auditor = (workspace.reader(workspace.scope(n)) for n in ("key_account", "auditor"))
    assert run(MetricQuery("gross_margin"), key_account).figures[0].value
    with pytest.raises(NotAllowed):
        run(MetricQuery("gross_margin"), auditor)
    with pytest.raises(UnknownName, match="auditor, key_account"):
        workspace.scope("nobody")


def test_a_team_is_the_accounts_of_its_owners(up: Served, home: Path) -> None:
    customers = Reader(home, current(home), Scope.of_role("admin")).frame("customers")
    owner = load(home).teams["first"][0]
    own = set(customers.loc[customers["account_owner"] == owner, "customer_id"])
    with up.client("Kim") as kim:
        assert {c["customer_id"] for c in kim.get("/api/v1/customers", params={"limit": 200}).json()["items"]} == own
        me = kim.get("/api/v1/me").json()
    assert (me["role"], me["like"], me["rights"], me["accounts"]) == ("key_account", "rep", ["commercial", "open"], len(own))
    assert own < set(customers["customer_id"])


def test_what_a_role_may_do_follows_the_role_that_it_is_like(up: Served) -> None:
    with up.client("Ada") as ada, up.client("Kim") as kim:
        theme = ada.get("/api/v1/themes").json()["items"][0]["theme_id"]
        body = {"kind": "approve"}
        assert ada.post(f"/api/v1/themes/{theme}/decisions", json=body).status_code == 201
        assert kim.post(f"/api/v1/themes/{theme}/decisions", json=body).status_code == 403
        assert ada.get("/api/v1/audit").status_code == 403


def test_documents_are_meant_for_the_own_role_or_the_one_that_it_is_like() -> None:
    scope = Scope("Kim", "key_account", None, frozenset({"open"}), "rep")
    assert scope.audiences == {"key_account", "rep"}
    assert Scope.of_role("rep").audiences == {"rep"}


def test_a_role_that_is_gone_is_named_and_lets_nobody_in(up: Served, home: Path) -> None:
    with up.client("Old") as old:
        answer = old.get("/api/v1/me")
        assert answer.status_code in (403, 404)
        assert "`gone`" in answer.json()["detail"]
    assert any("Old" in f.what and "`gone`" in f.what for f in examine(home))
    with pytest.raises(UnknownName, match="no team `second`"):
        Workspace(home).team("second")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[roles.manager]\nrights = []\n", "`manager` is a role that is there anyway"),
        ('[roles.x]\nrights = ["everything"]\n', "roles.x.rights"),
        ('[roles.x]\nlike = "boss"\n', "roles.x.like"),
    ],
)
def test_a_wrong_role_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rapport.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        load(tmp_path)


def test_the_example_of_the_documentation_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")
    (tmp_path / "rapport.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    read = load(tmp_path)
    assert read.roles["key_account"].rights == ("commercial",)
    assert read.teams == {"north": ("Ann Berg", "Bo Ek")}
