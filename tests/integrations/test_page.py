"""The web page in a real browser: the journeys of a rep, a manager, a quality engineer, an admin and a newcomer; every page in both
themes and at two widths, with axe; by keyboard, told to a screen reader, printed."""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from integrations.live import Live
from integrations.sign_in import new_link, owner
from integrations.web.app import create_app
from tests.browser import Browser, Page, chromium
from tests.integrations.serving import Served, copied, listening, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not chromium() and os.environ.get("CI", "").lower() != "true", reason="no Chromium here: apt-get install chromium"
    ),
]
UNSAID = r"\[object |\bundefined\b|\bnull\b|\bNaN\b|\bnot_allowed\b|\bkept_\d|\bSept\b"
TWICE = "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
PAGES = {
    "/": "document.querySelectorAll('.two .loading').length === 0 && document.querySelector('.two li, .two td')",
    "/ask": "document.querySelector('.talk .row button')",
    "/themes": "document.querySelector('tr.group')",
    "/themes/T001": "document.querySelector('.list mark') && !document.querySelector('.loading')",
    "/review": "document.querySelector('.ways, .empty')",
    "/review?tab=decisions": "document.querySelector('table, .empty')",
    "/accounts": "document.querySelector('tbody tr')",
    "/accounts/C-1005": "document.querySelector('.chart[data-drawn]')",
    "/catalogue": "document.querySelector('details.card')",
    "/data": "document.querySelectorAll('table').length > 1",
    "/admin": "document.querySelector('tbody tr')",
    "/admin?tab=sent": "document.querySelector('table, .empty')",
    "/admin?tab=audit": "document.querySelector('tbody tr')",
    "/nowhere": "document.querySelector('h1')",
    "/docs": "document.querySelector('details')",
}


@pytest.fixture(scope="module")
def site(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A company of these tests' own, since people decide and add people here."""
    with served(copied(company, tmp_path_factory.mktemp("page"))) as up:
        yield up


def on_page(rest: Served, scenario: Callable[[Page], Awaitable[None]], name: str = "Ann") -> None:
    async def run() -> None:
        async with Browser() as page:
            await page.size(1280, 900)
            await page.go(f"{rest.url}/")
            await page.until("document.activeElement?.id === 'token'")
            await page.type(rest.tokens[name])
            await page.key("Enter")
            await page.until("document.querySelector('#nav a')")
            await scenario(page)
            assert page.complaints == []

    asyncio.run(run())


async def to(page: Page, address: str, there: str) -> None:
    """Goes to an address within the page, and waits until what is looked for is there."""
    await page.run(f"history.pushState({{}}, '', '{address}'); dispatchEvent(new PopStateEvent('popstate'))")
    await page.until(there, 60)


async def press(page: Page, text: str) -> None:
    await page.run(f"[...document.querySelectorAll('button')].find(b => b.textContent.trim().startsWith({text!r})).click()")


async def ask(page: Page, question: str, answers: int) -> None:
    await page.until("document.querySelector('#question')")
    await page.run("document.getElementById('question').focus()")
    await page.type(question)
    await page.key("Enter")
    await page.until(f"document.querySelectorAll('.answer').length >= {answers}", 60)


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, False), (1440, True), (390, True)])
def test_every_page_is_whole_in_both_themes_and_at_both_widths(site: Served, width: int, dark: bool) -> None:
    async def scenario(page: Page) -> None:
        await page.size(width, 844, dark=dark)
        wrong: list[str] = []
        for address, there in PAGES.items():
            await page.go(site.url + address)
            await page.until(there, 200)  # the first time the panels are made
            wrong += [f"{address}: {c}" for c in page.complaints if "404" not in c or address != "/nowhere"]
            text = await page.run("document.body.innerText")
            wrong += [f"{address} says {said}" for said in set(re.findall(UNSAID, text))]
            wrong += [f"{address}: {finding}" for finding in await page.findings()]
            wrong += [f"{address} has two of the id {one}" for one in await page.run(TWICE)]
            wrong += [f"{address}: {element} sticks out" for element in (await page.outside())[:3]]
            page.complaints.clear()  # axe itself tries inline styles, which are not allowed here
        assert wrong == []

    on_page(site, scenario)


def test_a_rep_asks_by_keyboard_finds_it_again_and_takes_it_along(site: Served) -> None:
    async def scenario(page: Page) -> None:
        assert (
            await page.run("[...document.querySelectorAll('#nav a')].map(a => a.textContent).join()")
            == "Home,Ask,Themes,Accounts,Metrics"
        )
        await to(page, "/ask", "document.activeElement.id === 'question'")
        await ask(page, "revenue by month in 2026", 1)
        await page.until("document.querySelector('.chart[data-drawn=yes]')")
        assert len(await page.run("document.querySelector('.chart [role=img]').ariaLabel")) > 20
        assert await page.run("document.querySelectorAll('.answer tbody tr').length") >= 3
        await page.until("document.getElementById('status').textContent.startsWith('Answer: ')")
        await press(page, "Show how")
        await page.until("document.querySelector('.how h3')")
        how = await page.run("document.querySelector('.how').textContent")
        assert "What was read" in how
        assert "read_parquet" not in how
        assert "kept_" not in how
        shown = await page.run("document.querySelector('.answer').innerText")
        assert "Jan 2026" in shown
        assert "2026-01" not in shown
        unnamed = [
            r for r, name in await page.accessible() if r in ("button", "link", "textbox", "image", "searchbox") and not name
        ]
        assert unnamed == []
        address = await page.run("location.pathname")
        assert address.startswith("/ask/web-")
        await page.go(site.url + address)
        await page.until("document.querySelectorAll('.answer').length === 1")
        assert await page.run("document.querySelector('.asked').textContent") == "revenue by month in 2026"
        await page.until("document.querySelector('.history a[aria-current]')")
        sheet = await page.run("fetch('/api/v1/threads').then(r => r.json()).then(t => t.total)")
        assert sheet == 1

    on_page(site, scenario, "Rita")


def test_a_choice_is_a_button_and_answers(site: Served) -> None:
    async def scenario(page: Page) -> None:
        await to(page, "/ask", "document.querySelector('#question')")
        await ask(page, "acme revenue", 1)
        label = await page.run("document.querySelector('.choice').textContent")
        assert await page.run("document.querySelectorAll('.answer.answered').length") == 0
        await page.run("document.querySelector('.choice').click()")
        await page.until("document.querySelectorAll('.answer.answered').length === 1")
        said = await page.run("document.querySelector('.answer.answered').textContent")
        assert label
        assert label in said

    on_page(site, scenario)


def test_markup_of_others_is_text_everywhere(site: Served) -> None:
    async def scenario(page: Page) -> None:
        evil = "top 5 customers by revenue in 2026 <img src=x onerror=alert(1)>"
        await to(page, "/ask", "document.querySelector('#question')")
        await ask(page, evil, 1)
        await to(page, "/accounts?search=%3Cimg%20src=x%20onerror=alert(1)%3E", "document.querySelector('.empty, tbody tr')")
        await to(page, "/themes?search=%3Cscript%3Ealert(1)%3C/script%3E", "document.querySelector('.empty')")
        assert await page.run("document.querySelectorAll('img[src=x], main script').length") == 0

    on_page(site, scenario)


def test_a_manager_opens_a_brief_and_prints_it(site: Served) -> None:
    async def scenario(page: Page) -> None:
        await to(page, "/accounts", "document.querySelector('tbody tr')")
        await page.run("document.getElementById('customer').focus()")
        await page.type("halversen")
        await page.until("document.querySelectorAll('tbody tr').length === 1")
        assert "search=halversen" in await page.run("location.search")
        await page.run("document.querySelector('tbody a').click()")
        await page.until("document.querySelector('.chart[data-drawn=yes]')", 60)
        assert await page.run("document.querySelector('h1').textContent") == "Halvorsen Marine"
        assert await page.run("document.activeElement.tagName") == "H1"
        charts, tables, legends = await page.run(
            "[document.querySelectorAll('.chart').length, document.querySelectorAll('.drawn details table').length, document.querySelectorAll('.chart [class*=role-legend-symbol]').length]"
        )
        assert charts == tables > 1
        assert legends >= 2
        value = "[...document.querySelectorAll('.card h2')].find(h => h.textContent === 'Value').parentElement"
        assert await page.run(f"{value}.querySelector(':scope > .scroll tbody td').className") == "number"
        from pypdf import PdfReader

        pdf = PdfReader(io.BytesIO(await page.printed()))
        text = "\n".join(p.extract_text() for p in pdf.pages)
        assert "Halvorsen Marine" in text
        assert "Sign out" not in text
        assert "Three things to know" in text
        assert 1 <= len(pdf.pages) <= 2

    on_page(site, scenario, "Max")


def test_a_quality_engineer_looks_reviews_and_undoes(site: Served) -> None:
    async def scenario(page: Page) -> None:
        await to(page, "/themes", "document.querySelector('tr.group')")
        counted = await page.run("document.querySelector('main details + p').textContent")
        await page.run(
            "(() => { const s = document.getElementById('mood'); s.value = 'negative'; s.dispatchEvent(new Event('change')); })()"
        )
        await page.until(f"document.querySelector('main details + p').textContent !== {counted!r}")
        assert "mood=negative" in await page.run("location.search")
        await page.run("document.querySelector('tbody tr:not(.group) a').click()")
        await page.until("document.querySelector('.list mark')")
        assert await page.run("!!document.querySelector('.list li .row a[href^=\"/accounts/\"]')")
        await to(page, "/themes/T001", "document.querySelector('h1')")
        await page.key("e")
        await page.until("document.querySelector('dialog[open] #into')")
        await page.run(
            "(() => { const s = document.getElementById('into'); s.value = s.options[1].value; s.form.requestSubmit(); })()"
        )
        await page.until("document.querySelector('.pill.warn')")
        assert "merged into" in await page.run("document.querySelector('.pill.warn').textContent")
        await page.until("document.querySelector('#toast button')")
        await page.run("document.querySelector('#toast button').click()")
        await page.until("!document.querySelector('h1 + p .pill.warn') && document.body.innerText.includes('undone')")
        await to(page, "/themes/T001", "document.querySelector('[aria-label^=\"Move comment\"]')")
        await page.run("document.querySelector('[aria-label^=\"Move comment\"]').click()")
        await page.until("document.querySelector('dialog[open] [role=option]')")
        await page.key("Enter")
        await page.until("document.body.innerText.includes('a comment moved to')")
        assert site.live.state.decisions()[-1].kind == "move"
        await to(page, "/review", "document.querySelector('.ways')")
        first = await page.run("document.querySelector('.comment').textContent")
        for key in "as":
            await page.key(key)
            await asyncio.sleep(0.5)
        await page.until(f"document.querySelector('.comment').textContent !== {first!r}")
        await page.key("u")
        await page.until(f"document.querySelector('.comment').textContent === {first!r}")
        left = await page.run("document.querySelector('main .bar').previousElementSibling.textContent")
        await page.run("document.getElementById('toast').replaceChildren()")
        await page.key("p")
        await page.until("document.querySelector('dialog[open] [role=option], #toast > div')")
        if await page.run("!!document.querySelector('dialog[open]')"):  # a theme with reasons that can be told apart
            await page.key("Enter")
            await page.until("document.body.innerText.includes('split off at the next build')")
            assert site.live.state.decisions()[-1].kind == "split"
            assert await page.run("document.querySelector('main .bar').previousElementSibling.textContent") == left
            await page.key("u")
            await asyncio.sleep(1)
            assert site.live.state.decisions()[-1].kind == "undo"
        await page.key("l")
        await page.until("document.querySelector('dialog[open] [role=option]')")
        await page.type("late delivery")
        await page.key("Enter")
        await page.until(f"document.querySelector('.comment').textContent !== {first!r}")
        assert site.live.state.labels()[-1].aspect == "delivery.late"

    on_page(site, scenario, "Quinn")


def test_a_reviewer_of_some_accounts_does_not_review(site: Served) -> None:
    async def scenario(page: Page) -> None:
        await to(page, "/themes", "document.querySelector('tbody tr a')")
        await page.run("document.querySelector('tbody tr:not(.group) a').click()")
        await page.until("document.querySelector('dl.facts')")
        assert "Review" not in await page.run("document.body.innerText")
        await to(page, "/review", "document.querySelector('h1')")
        assert "not for your role" in await page.run("document.querySelector('h1').textContent")

    on_page(site, scenario, "Rita")


def test_an_admin_adds_a_person_who_comes_in_by_a_link_once(site: Served) -> None:
    async def scenario(page: Page) -> None:
        await to(page, "/admin", "document.querySelector('tbody tr')")
        await press(page, "Add a person")
        await page.until("document.activeElement.id === 'p-name'")
        await page.type("Nora")
        await page.run("document.getElementById('p-accounts').focus()")
        await page.type("all")
        await page.key("Enter")
        await page.until("document.querySelector('[aria-label=\"Sign-in link for Nora\"]')")
        await page.run("document.querySelector('[aria-label=\"Sign-in link for Nora\"]').click()")
        await page.until("document.querySelector('dialog pre')")
        link = await page.run("document.querySelector('dialog pre').textContent")
        assert link.startswith(f"{site.url}/enter#")
        await press(page, "Close")
        await press(page, "Sign out")
        await page.until("document.activeElement?.id === 'token'")
        await page.go(link)
        await page.until("document.querySelector('#who')?.textContent.includes('Nora · rep')")
        assert await page.run("location.hash") == ""
        await press(page, "Sign out")
        await page.until("document.activeElement?.id === 'token'")
        page.complaints.clear()
        await page.go("about:blank")
        await page.go(link)
        await page.until("document.querySelector('.failure')")
        assert "used before" in await page.run("document.querySelector('.failure').textContent")
        page.complaints.clear()  # the browser notes the 401

    on_page(site, scenario)


def test_keys_lead_everywhere_and_are_told(site: Served) -> None:
    async def scenario(page: Page) -> None:
        await page.run("document.activeElement.blur()")
        await page.key("?")
        await page.until("document.querySelector('dialog[open] .keys')")
        await page.key("Escape")
        await page.until("!document.querySelector('dialog')")
        for key, place in (("t", "/themes"), ("c", "/accounts"), ("m", "/catalogue"), ("h", "/")):
            await page.run("document.activeElement.blur()")
            await page.key("g")
            await page.key(key)
            await page.until(f"location.pathname === '{place}' && document.querySelector('main h1')")
        await page.run("history.back()")
        await page.until("location.pathname === '/catalogue' && document.title === 'Metrics · Rapport'")

    on_page(site, scenario)


def test_a_newcomer_goes_from_an_empty_workspace_to_a_first_answer(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    home.mkdir()
    live = Live(home)
    user = owner(live.state)

    async def run(url: str) -> None:
        async with Browser() as page:
            await page.size(1280, 900)
            await page.go(f"{url}/enter#{new_link(live.state, user.name)}")
            await page.until("document.querySelector('h1')?.textContent.startsWith('Welcome')")
            assert await page.findings() == []
            assert str(home) not in await page.run("document.body.innerText")
            await page.run("""(() => {
              const rows = ['Nr,Client,Ordered On,Item,Qty,Price each'];
              for (let i = 1; i <= 60; i += 1) rows.push(`${1000 + i},Firm ${i % 7},2026-0${1 + i % 6}-1${i % 9},Bolt ${i % 5},${1 + i % 4},${10 + i % 3}.50`);
              const files = new DataTransfer();
              files.items.add(new File([rows.join('\\n')], '../orders <b>.csv', {type: 'text/csv'}));
              const input = document.getElementById('files');
              input.files = files.files;
              input.dispatchEvent(new Event('change'));
            })()""")
            await page.until("document.body.innerText.includes('How it was understood')", 60)
            for column, field in (("Nr", "orders.order_id"), ("Ordered On", "orders.ordered_at")):
                chosen = f"document.querySelector('[aria-label=\"{column} is\"]')"
                await page.run(
                    f"(() => {{ const s = {chosen}; s.value = '{field}'; s.dispatchEvent(new Event('change')); }})()"
                )
                await page.until(
                    f"{chosen}?.value.endsWith('{field.split('.')[1]}') && document.body.innerText.includes('as you say')", 60
                )
            assert "proposed: order lines" in await page.run(
                "document.getElementById('mapping').selectedOptions[0].textContent"
            )
            for _ in range(4):  # each question that is open gets its first answer
                left = await page.run(
                    "[...document.querySelectorAll('select')].findIndex(s => s.id.startsWith('q-') && !s.value)"
                )
                if left < 0:
                    break
                await page.run(
                    f"(() => {{ const s = document.querySelectorAll('select')[{left}]; s.value = s.options[1].value; s.dispatchEvent(new Event('change')); }})()"
                )
            await press(page, "Preview the sums")
            await page.until("document.querySelector('.facts')", 60)
            assert await page.findings() == []
            page.complaints.clear()
            await press(page, "Import it")
            await page.until(
                "document.querySelector('#nav a') && location.pathname === '/' && document.querySelector('#asked')", 180
            )
            await to(page, "/ask", "document.querySelector('#question')")
            await ask(page, "how many orders in 2026", 1)
            assert "60" in await page.run("document.querySelector('.answer').textContent")
            assert page.complaints == []

    with listening(create_app(live)) as url:
        asyncio.run(run(url))
    live.close()
