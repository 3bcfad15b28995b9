"""The command line as scripts rely on it: exit codes, one line of error, JSON on request."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def rapport(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from integrations.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


GOOD = "feedback_id,text,at,channel,rating\nF1,The driver was late again,2026-01-02,survey,2\nF2,Great service,2026-01-03,survey,5\n"


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


BROKEN = {
    "missing column": b"feedback_id,at,channel\nF1,2026-01-02,survey\n",
    "half a line": b'feedback_id,text,at,channel\nF1,ok,2026-01-02,survey\nF2,"and then it',
    "binary": bytes(range(256)) * 40,
    "empty": b"",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_one_clear_line_and_changes_nothing(what: str, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    assert rapport("import", "--mapping", "feedback", str(good), "--workspace", "w", cwd=tmp_path).returncode == 0
    before = files_below(tmp_path / "w" / "tables")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(BROKEN[what])
    result = rapport("import", "--mapping", "feedback", str(bad), "--workspace", "w", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    lines = [x for x in result.stderr.splitlines() if x.startswith("rapport:")]
    assert len(lines) == 1
    assert "bad.csv" in lines[0]
    assert "Traceback" not in result.stderr
    assert files_below(tmp_path / "w" / "tables") == before


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    for name in ("bad.csv.gz", "bad.xlsx"):
        with zipfile.ZipFile(tmp_path / name, "w") as box:
            box.writestr("holiday.txt", "sun")
        result = rapport("import", "--mapping", "feedback", str(tmp_path / name), "--workspace", "w", cwd=tmp_path)
        assert result.returncode == 1
        assert name in result.stderr


def test_a_field_of_a_million_characters_loads_or_is_said(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("feedback_id,text,at,channel\nF1," + "late " * 200_000 + ",2026-01-02,survey\n")
    result = rapport("import", "--mapping", "feedback", str(path), "--workspace", "w", "--json", cwd=tmp_path)
    assert result.returncode in (0, 1)
    if result.returncode == 0:
        assert json.loads(result.stdout)["rows_in"] == 1
    else:
        assert "long.csv" in result.stderr


def test_wrong_usage_exits_with_2(tmp_path: Path) -> None:
    assert rapport("import", cwd=tmp_path).returncode == 2
    assert rapport("query", "revenue", "--grain", "fortnight", cwd=tmp_path).returncode == 2


def test_asking_before_a_build_says_what_to_do(tmp_path: Path) -> None:
    result = rapport("ask", "revenue in 2011", "--workspace", "w", cwd=tmp_path)
    assert result.returncode == 1
    assert "rapport build" in result.stderr


def test_the_catalogue_is_there_as_json(tmp_path: Path) -> None:
    result = rapport("metrics", "--json", cwd=tmp_path)
    rows = json.loads(result.stdout)
    assert {"revenue", "return_rate", "nps"} <= {r["name"] for r in rows}
    assert all(r["definition"] for r in rows)
