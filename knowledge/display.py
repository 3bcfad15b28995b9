"""How figures read to people: money, shares, days, counts; counts alone for tiny samples (METRICS A10)."""

from __future__ import annotations

TINY, SMALL = 5, 30
SIGNS = {"GBP": "£", "USD": "$", "EUR": "€"}


def number(value: float, digits: int = 0) -> str:
    """Thousands parted by commas; a whole number has no decimals."""
    text = f"{value:,.{digits}f}"
    return text if float(text.replace(",", "")) != 0 else text.lstrip("-")


def money(value: float, currency: str) -> str:
    """£8,761,066.65; the code follows where there is no sign."""
    sign = SIGNS.get(currency, "")
    amount = ("-" if value < 0 and round(value, 2) != 0 else "") + sign + f"{abs(value):,.2f}"
    return amount if sign or not currency else f"{amount} {currency}"


def share(value: float) -> str:
    """93.4 %; small shares keep two decimals so that they do not read as zero."""
    percent = value * 100
    return f"{percent:.2f} %" if 0 < abs(percent) < 1 else f"{percent:.1f} %"


def figure(
    value: float | str | None, unit: str, currency: str, numerator: float | None = None, denominator: float | None = None
) -> str:
    """The display of a value in its unit. A rate of fewer than five is shown as counts; of fewer than thirty it says so."""
    if value is None:
        return "nothing in scope"
    if isinstance(value, str):
        return value
    if unit == "share":
        if numerator is not None and denominator is not None and denominator < TINY:
            return f"{number(numerator)} of {number(denominator)}"
        small = denominator is not None and denominator < SMALL and numerator is not None
        return share(value) + (" (small sample)" if small else "")
    if unit == "money":
        return money(value, currency)
    if unit in ("days", "hours"):
        return f"{number(value, 1)} {unit}"
    if unit in ("count", "qty"):
        return number(value, 0 if float(value).is_integer() else 2)
    if unit == "share_points":
        return f"{value * 100:+.1f} points"
    if unit == "points":
        return f"{value:+.1f}"
    return number(value, 2)
