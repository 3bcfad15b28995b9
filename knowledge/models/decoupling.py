"""Customer order decoupling point: where the customer's order enters the chain (METRICS C4).

Sources: Mather 1988 (P:D ratio), Olhager 2003 (order penetration point). Cut-offs are workspace settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = Literal["make_to_stock", "assemble_to_order", "make_to_order", "engineer_to_order"]
ORDER_TYPE: dict[Point, str] = {
    "make_to_stock": "stock",
    "assemble_to_order": "assemble",
    "make_to_order": "make",
    "engineer_to_order": "engineer",
}


@dataclass(frozen=True)
class CutOffs:
    """All-special share for engineering; special share and demand variability above which parts wait for the order."""

    engineered_share: float = 0.95
    customised_share: float = 0.5
    demand_cv: float = 1.0


@dataclass(frozen=True)
class Advice:
    """The recommended point (None: no data), the P:D ratio, why, and what would change it."""

    point: Point | None
    pd_ratio: float | None
    why: str
    flips: tuple[str, ...] = ()


def recommend(
    supply_days: float | None,
    tolerance_days: float | None,
    demand_cv: float | None,
    customised_share: float | None,
    *,
    smooth: bool = False,
    cuts: CutOffs | None = None,
) -> Advice:
    """The decoupling point of an item or group. P is our supply lead time, D how long customers wait, both in days.

    A missing variability or special share counts as "not high" and is named in `why`."""
    cuts = cuts or CutOffs()
    if supply_days is None or tolerance_days is None or tolerance_days <= 0:
        missing = "supply lead time" if supply_days is None else "how long customers wait"
        return Advice(None, None, f"no data: {missing} is not known")
    ratio = supply_days / tolerance_days
    special, volatile = customised_share or 0.0, demand_cv or 0.0
    unknown = [n for n, v in (("demand variability", demand_cv), ("customised share", customised_share)) if v is None]
    note = f"; {' and '.join(unknown)} not known" if unknown else ""
    if ratio <= 1:
        longer = f"P +{tolerance_days - supply_days:.0f} days would rule out waiting for the order"
        if special >= cuts.engineered_share:
            return Advice(
                "engineer_to_order", ratio, f"customers wait longer than we need, and nearly all is special{note}", (longer,)
            )
        also = ", and stocking would work too: demand is smooth" if smooth else ""
        return Advice("make_to_order", ratio, f"customers wait at least as long as we need{also}{note}", (longer,))
    flips = [f"D +{supply_days - tolerance_days:.0f} days would allow make-to-order"]
    if special >= cuts.customised_share or volatile > cuts.demand_cv:
        cause = (
            f"{special:.0%} is customised"
            if special >= cuts.customised_share
            else f"demand varies by {volatile:.1f} times its mean"
        )
        return Advice("assemble_to_order", ratio, f"we need longer than customers wait, and {cause}{note}", tuple(flips))
    flips.append(f"a demand variability above {cuts.demand_cv:g} (now {volatile:.1f}) would speak for assembling to order")
    return Advice(
        "make_to_stock", ratio, f"we need longer than customers wait, and demand is steady enough to stock{note}", tuple(flips)
    )
