"""Pages load what they need from here: no script, style, font or picture of another host, and none may be loaded."""

from __future__ import annotations

import re

from tests.integrations.serving import Served


def test_no_page_loads_anything_from_elsewhere(rest: Served) -> None:
    with rest.client(None) as anybody:
        for path in ("/", "/docs"):
            page = anybody.get(path)
            assert page.status_code == 200
            assert "default-src 'self'" in page.headers["content-security-policy"]
            assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page.text)
            for asset in re.findall(r"""(?:src|href)=["'](/static/[^"']+)""", page.text):
                got = anybody.get(asset)
                assert got.status_code == 200
                assert not re.search(r"""(?:import|fetch|url)\s*\(?["'](?:https?:)?//""", got.text)
        assert anybody.get("/redoc").status_code == 404


def test_the_documentation_lists_every_call(rest: Served) -> None:
    with rest.client(None) as anybody:
        assert anybody.get("/openapi.json").json()["paths"]
        assert "openapi.json" in anybody.get("/static/docs.js").text
