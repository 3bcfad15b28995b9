"""A mapping's SQL computes and does nothing else: what reads, writes, attaches, installs or tells of the machine is refused."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from knowledge.errors import BadInput
from knowledge.expressions import _expressions, refused
from knowledge.ingest import import_files
from knowledge.mapping import SHIPPED, Mapping, load_mapping
from knowledge.tables import staging_session

HOSTILE = (
    "(SELECT string_agg(content, '') FROM read_text('{secret}'))",
    "(SELECT count(*) FROM '{secret}')",
    "(SELECT count(*) FROM read_csv('{secret}'))",
    "(SELECT count(*) FROM glob('/etc/*'))",
    "(SELECT count(*) FROM 'https://example.invalid/x.csv')",
    "(SELECT count(*) FROM sniff_csv('{secret}'))",
    "(SELECT count(*) FROM query('SELECT 1'))",
    "getenv('HOME')",
    "current_setting('memory_limit')",
    "(SELECT count(*) FROM duckdb_settings())",
    "(SELECT count(*) FROM duckdb_settings)",
    "(SELECT count(*) FROM information_schema.tables)",
    "1) ; COPY (SELECT 1) TO '{out}' ; SELECT (1",
    "1; ATTACH '{out}' AS x",
    "1; INSTALL httpfs; LOAD httpfs",
    "1 FROM source WHERE 1=1",
    "1, 2",
    "1 UNION SELECT 2",
    "repeat('x', 1000000000)",
    "(SELECT count(*) FROM range(100000000000))",
    "nextval('x')",
    "set_config('a','b')",
)  # fmt: skip


def mapping(sql: str) -> Mapping:
    columns: dict[str, Any] = {"customer_id": "customer_id", "name": {"sql": sql}}
    return Mapping(name="hostile", tables=[{"table": "customers", "columns": columns}])


@pytest.mark.parametrize("sql", HOSTILE)
def test_what_does_more_than_compute_is_refused(sql: str, tmp_path: Path) -> None:
    secret, out = tmp_path / "secret.txt", tmp_path / "out.csv"
    secret.write_text("the secret", encoding="utf-8")
    data = tmp_path / "customers.csv"
    data.write_text("customer_id,name\nC1,Acme\n", encoding="utf-8")
    with pytest.raises(BadInput) as err:
        import_files(tmp_path / "home", mapping(sql.format(secret=secret, out=out)), [data])
    assert err.value.code == "bad_mapping"
    assert not out.exists()


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_expression_is_allowed(path: Path) -> None:
    found = load_mapping(path.stem)
    assert isinstance(found, Mapping)
    assert not [(where, why) for part in found.parts for where, sql in _expressions(part) if (why := refused(sql))]


def test_the_session_itself_reaches_nothing_else(tmp_path: Path) -> None:
    given, other = tmp_path / "given.csv", tmp_path / "other" / "secret.csv"
    other.parent.mkdir()
    for file in (given, other):
        file.write_text("a\n1\n", encoding="utf-8")
    (room := tmp_path / "room").mkdir()
    with staging_session("UTC", room, 1000, [given], []) as session:
        assert session.execute(f"SELECT count(*) FROM read_csv('{given}')").fetchall() == [(1,)]
        for sql in (
            f"SELECT * FROM read_csv('{other}')", f"COPY (SELECT 1) TO '{tmp_path / 'written.csv'}'", f"ATTACH '{tmp_path / 'x.db'}'",
            "INSTALL httpfs", "SET enable_external_access=true", "SET allowed_directories=['/']", "SELECT * FROM other",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                session.execute(sql)
    assert not (tmp_path / "written.csv").exists()
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("seed", range(4))
def test_mappings_of_noise_are_refused_in_words_or_run(seed: int, tmp_path: Path) -> None:
    """Pieces of real expressions put together at random: never another error than ours, never a file written."""
    chance = random.Random(seed)
    pieces = "name upper( lower( ) ( ' '' , ; -- /* */ || + 1 NULL CASE WHEN THEN END SELECT FROM source read_text( * try_cast( AS DATE) \\ \" $1 ? :: [ ] { } \x01 é".split()
    data = tmp_path / "customers.csv"
    data.write_text("customer_id,name\nC1,Acme\n", encoding="utf-8")
    for _ in range(6):
        sql = " ".join(chance.choice(pieces) for _ in range(chance.randint(1, 9)))
        try:
            import_files(tmp_path / "home", mapping(sql), [data])
        except BadInput as err:
            assert err.code in ("bad_mapping", "missing_column", "no_lookup")  # noqa: PT017
    assert {p.name for p in tmp_path.iterdir()} <= {"customers.csv", "home"}


def test_yaml_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("name: !!python/object/apply:os.system ['touch x']\n", encoding="utf-8")
    with pytest.raises(BadInput):
        load_mapping(path)
    assert yaml.safe_load("a: 1") == {"a": 1}
