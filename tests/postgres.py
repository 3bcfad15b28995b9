"""A throw-away PostgreSQL for tests: Debian's, in a folder of its own, on a socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps them off the path."""
    found = [p.parent for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).parent if on_path else None


@contextmanager
def cluster() -> Iterator[str]:
    """Starts one as somebody who is not root (PostgreSQL insists); gives its address."""
    folder = programs()
    assert folder, "no PostgreSQL: apt-get install postgresql"
    home = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    somebody = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if somebody:
        os.chown(home, somebody.pw_uid, somebody.pw_gid)

    def run(*command: str) -> None:
        who = {"user": somebody.pw_uid, "group": somebody.pw_gid} if somebody else {}
        done = subprocess.run(command, capture_output=True, text=True, cwd=home, check=False, stdin=subprocess.DEVNULL, **who)
        assert done.returncode == 0, done.stdout + done.stderr

    data, log = str(home / "data"), str(home / "log")
    try:
        run(str(folder / "initdb"), "-D", data, "-U", "rapport", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        run(str(folder / "pg_ctl"), "-D", data, "-l", log, "-w", "-o", f"-k {home} {QUICK}", "start")
        try:
            yield f"postgresql://rapport@/postgres?host={home}"
        finally:
            run(str(folder / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
