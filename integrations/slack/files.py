"""Files that go with a message: charts as images inside it, tables and briefs that are too long for it."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.blocks import Message, with_chart
from integrations.slack.sender import Place, politely


async def drawn(client: AsyncWebClient, message: Message) -> Message:
    """The message with its chart as an image; without it where drawing or uploading does not work."""
    if message.chart is None:
        return message
    from integrations.exports.charts import alt_text, render_png

    picture = await asyncio.to_thread(render_png, message.chart)
    alt = alt_text(message.chart)
    sent = await politely(
        client.files_upload_v2(filename=f"chart-{message.answer_id}.png", content=picture, title="Chart", alt_txt=alt[:1000])
    )
    if sent is None:
        return message
    shown = with_chart(message.blocks, str(sent["files"][0]["id"]), alt)
    return replace(message, blocks=shown, table=message.table or message.charted)


async def attach(client: AsyncWebClient, place: Place, message: Message) -> None:
    """Adds the whole table and other files to the thread; a file that cannot be sent is left out."""
    files = list(message.files)
    if message.table is not None:
        files.append((f"table-{message.answer_id}.csv", table_csv(message.table)))
    for name, content in files:
        await politely(
            client.files_upload_v2(filename=name, content=content, title=name, channel=place.channel, thread_ts=place.thread)
        )


def table_csv(table: Mapping[str, Any]) -> bytes:
    """The table as CSV that spreadsheets open as what it is: no formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([_safe(c) for c in row] for row in (table["columns"], *table["rows"]))
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: Any) -> str:
    text = "" if cell is None else str(cell).replace("**", "")
    number = text.lstrip("+-").replace(",", "").replace(".", "").replace(" ", "").replace("%", "")
    return f"'{text}" if text[:1] in "=+-@\t\r" and not number.isdigit() else text
