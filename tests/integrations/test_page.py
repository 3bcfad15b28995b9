"""The web page in a real browser: signing in, asking, choosing, seeing how; by keyboard, told to a screen reader, on a phone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

import pytest

from tests.browser import Browser, Page, chromium
from tests.integrations.serving import Served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not chromium() and os.environ.get("CI", "").lower() != "true", reason="no Chromium here: apt-get install chromium"
    ),
]


def on_page(rest: Served, scenario: Callable[[Page], Awaitable[None]], name: str = "Ann") -> None:
    async def run() -> None:
        async with Browser() as page:
            await page.size(1280, 900)
            await page.go(f"{rest.url}/")
            await page.until("document.activeElement.id === 'token'")
            await page.type(rest.tokens[name])
            await page.key("Enter")
            await page.until("document.querySelector('#question')")
            await scenario(page)
            assert page.complaints == []

    asyncio.run(run())


async def ask(page: Page, question: str, answers: int) -> None:
    await page.run("document.getElementById('question').focus()")
    await page.type(question)
    await page.key("Enter")
    await page.until(f"document.querySelectorAll('.answer').length >= {answers}")


def test_asking_by_keyboard_and_hearing_the_answer(rest: Served) -> None:
    async def scenario(page: Page) -> None:
        await ask(page, "revenue by month in 2026", 1)
        await page.until("document.querySelector('.chart img')?.complete")
        assert await page.run("document.querySelector('.chart img').alt.length") > 20
        assert await page.run("document.querySelectorAll('.answer tbody tr').length") >= 3
        await page.until("document.getElementById('status').textContent.startsWith('Answer: ')")
        await page.run("[...document.querySelectorAll('button')].find(b => b.textContent === 'Show how').click()")
        await page.until("document.querySelector('.how pre')")
        told = await page.accessible()
        unnamed = [role for role, name in told if role in ("button", "link", "textbox", "image", "searchbox") and not name]
        assert unnamed == []
        assert ("textbox", "Your question") in told

    on_page(rest, scenario)


def test_a_choice_is_a_button_and_answers(rest: Served) -> None:
    async def scenario(page: Page) -> None:
        await ask(page, "acme revenue", 1)
        label = await page.run("document.querySelector('.choice').textContent")
        assert await page.run("document.querySelectorAll('.answer.answered').length") == 0
        await page.run("document.querySelector('.choice').click()")
        await page.until("document.querySelectorAll('.answer.answered').length === 1")
        said = await page.run("document.querySelector('.answer.answered').textContent")
        assert label
        assert label in said

    on_page(rest, scenario)


def test_nothing_sticks_out_on_a_phone_and_markup_of_others_is_text(rest: Served) -> None:
    async def scenario(page: Page) -> None:
        await page.size(390, 844)
        await ask(page, "top 5 customers by revenue in 2026 <img src=x onerror=alert(1)>", 1)
        await ask(page, "top 5 customers by revenue in 2026", 2)
        assert await page.run("document.querySelectorAll('.log img[src=x]').length") == 0
        assert await page.run("document.documentElement.scrollWidth <= 390")
        for section in ("themes", "briefs"):
            await page.run(f"location.hash = '{section}'")
            await page.until("document.querySelector('.picklist a')")
            assert await page.run("document.documentElement.scrollWidth <= 390")

    on_page(rest, scenario)


def test_a_reviewer_reviews_and_a_rep_does_not(rest: Served) -> None:
    async def scenario(page: Page) -> None:
        await page.run("location.hash = 'themes'")
        await page.until("document.querySelector('.picklist a')")
        await page.run("document.querySelector('.picklist a').click()")
        await page.until("document.querySelector('.theme h1')")

    async def reviewing(page: Page) -> None:
        await scenario(page)
        assert await page.run("!!document.querySelector('.review')")

    async def reading(page: Page) -> None:
        await scenario(page)
        assert not await page.run("!!document.querySelector('.review')")

    on_page(rest, reviewing, "Quinn")
    on_page(rest, reading, "Rita")
