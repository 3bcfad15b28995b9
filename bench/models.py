"""Models and metric queries: how long, how much memory, and how both grow, beside plain code that does the same.

Run: python bench/models.py [PART…]   parts: clv retail lines (default: all); data: ../shared/data (CDNOW, Online Retail)
Lines to pass: lifetime value of 1,000,000 customers fitted in 10 s; all customer models of Online Retail in 20 s; a metric over
10,000,000 order lines in 1 s and at least 5 times as fast as pandas; 4 GB; growth from 1 to 10 million lines at most n^1.1.
"""

from __future__ import annotations

import importlib.util
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from knowledge.access import Reader, Scope
from knowledge.models.buying import History, fit
from knowledge.models.customer_value import choose, value_model
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current, new_folder, publish
from knowledge.tables import Store, TableVersion

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CUSTOMERS, PEER_CUSTOMERS, LOOP_CUSTOMERS = 1_000_000, 100_000, 20_000
SIZES = (1_000_000, 3_000_000, 10_000_000)
Array = npt.NDArray[np.float64]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    made = work()
    return made, time.perf_counter() - began


def alone(work: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:
    """The work in a process of its own, with its peak memory in MB."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, arguments).result()


def _measured(work: Callable[..., dict[str, float]], arguments: tuple[Any, ...]) -> dict[str, float]:
    found = work(*arguments)
    peak = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
    return found | {"mb": int(peak.split()[1]) / 1024}


def cdnow(count: int) -> pd.DataFrame:
    """That many customers drawn from CDNOW with a fixed seed: x, t_x, T in weeks and z."""
    known = pd.read_csv(DATA / "cdnow" / "cdnow_customers_summary_with_transactions.csv")
    drawn = known.iloc[np.random.default_rng(0).integers(0, len(known), count)]
    return drawn[["x", "t_x", "T", "zbar"]].rename(columns={"zbar": "z"}).astype(float).reset_index(drop=True)


def history(rows: pd.DataFrame) -> History:
    return History(*(rows[c].to_numpy() for c in ("x", "t_x", "T")))


def clv_whole(count: int) -> dict[str, float]:
    rows = cdnow(count)
    told, choosing = timed(lambda: choose(history(rows)))
    share = pd.Series(0.3, index=rows.index)
    _, valuing = timed(lambda: value_model(rows, told, share))
    return {"fit of three models": choosing, "value with intervals": valuing}


def one_fit(count: int) -> dict[str, float]:
    told = history(cdnow(count))
    model, took = timed(lambda: fit("bgnbd", told))
    return {"seconds": took, "log-likelihood": model.log_likelihood}


def plain_fit(count: int, looped: bool) -> dict[str, float]:
    """The same likelihood written down as in the paper, the same optimiser and starts, no gradient, nothing shared."""
    from scipy.optimize import minimize
    from scipy.special import betaln, gammaln

    rows = cdnow(count)
    x, t_x, whole = (rows[c].to_numpy() for c in ("x", "t_x", "T"))
    seen = list(zip(x, t_x, whole, strict=True))

    def vectors(logs: Array) -> float:
        r, alpha, a, b = np.exp(logs)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + whole)
        left = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
        return -float(np.mean(common + np.where(x > 0, np.logaddexp(stayed, left), stayed)))

    def loop(logs: Array) -> float:
        r, alpha, a, b = map(math.exp, logs)
        ln, sum_of = math.lgamma, 0.0
        beta = ln(a) + ln(b) - ln(a + b)
        for n, last, age in seen:
            common = ln(r + n) - ln(r) + r * math.log(alpha)
            stayed = ln(a) + ln(b + n) - ln(a + b + n) - beta - (r + n) * math.log(alpha + age)
            if n > 0:
                left = ln(a + 1) + ln(b + n - 1) - ln(a + b + n) - beta - (r + n) * math.log(alpha + last)
                stayed = max(stayed, left) + math.log1p(math.exp(-abs(stayed - left)))
            sum_of += common + stayed
        return -sum_of / len(seen)

    def best() -> Any:
        starts = ((0.5, 5.0, 0.8, 2.0), (1.0, 10.0, 2.0, 5.0))
        bounds = [(-12.0, 12.0)] * 4
        found = [minimize(loop if looped else vectors, np.log(s), method="L-BFGS-B", bounds=bounds) for s in starts]
        return min(found, key=lambda f: float(f.fun))

    found, took = timed(best)
    return {"seconds": took, "log-likelihood": -float(found.fun) * count}


def clv() -> None:
    whole = alone(clv_whole, CUSTOMERS)
    total = whole["fit of three models"] + whole["value with intervals"]
    print(f"lifetime value of {CUSTOMERS:,} customers (CDNOW drawn again)   {total:.1f} s, {whole['mb']:,.0f} MB")
    print(
        f"  three models fitted and compared {whole['fit of three models']:.1f} s, values with intervals {whole['value with intervals']:.1f} s"
    )
    for count, looped, name in (
        (PEER_CUSTOMERS, False, "numpy, as in the paper"),
        (LOOP_CUSTOMERS, True, "a loop over customers"),
    ):
        ours, peer = alone(one_fit, count), alone(plain_fit, count, looped)
        same = abs(ours["log-likelihood"] / peer["log-likelihood"] - 1)
        print(f"  BG/NBD of {count:,}: ours {ours['seconds']:.3f} s, {name} {peer['seconds']:.2f} s, {peer['seconds'] / ours['seconds']:.0f} times; log-likelihoods differ by {same:.1e}")  # fmt: skip
    peers = [n for n in ("pymc_marketing", "lifetimes") if importlib.util.find_spec(n)]
    print(f"  packages of the field here: {', '.join(peers) or 'none, so none is compared'}")


def online_retail(folder: Path) -> Path:
    """Online Retail, imported and built into a workspace of its own."""
    from integrations.build import build
    from integrations.settings import load
    from knowledge.ingest import import_files
    from knowledge.mapping import load_mapping

    home = folder / "retail"
    import_files(home, load_mapping("online-retail"), [DATA / "online-retail" / "online_retail.csv.gz"], zone="UTC")
    build(home, load(home))
    return home


def customer_models(home: Path) -> dict[str, float]:
    from knowledge.models.customer_facts import customer_facts
    from knowledge.models.customer_model import customer_model
    from knowledge.models.inputs import Inputs
    from knowledge.models.next_product import recommendations
    from knowledge.models.profitability import profit

    inputs = Inputs(Reader(home, current(home), Scope.of_role("admin")))
    _, facts = timed(lambda: customer_facts(inputs.reader))
    _, model = timed(lambda: customer_model(inputs, profit(inputs)))
    _, following = timed(lambda: recommendations(inputs))
    return {"facts": facts, "model": model, "next products": following, "all": facts + model + following}


def retail(home: Path) -> None:
    found = alone(customer_models, home)
    parts = ", ".join(f"{k} {v:.1f} s" for k, v in found.items() if k not in ("all", "mb"))
    print(f"customer models of Online Retail   {found['all']:.1f} s, {found['mb']:,.0f} MB ({parts})")


def repeated(home: Path, size: int, folder: Path) -> Path:
    """A workspace of `size` order lines: the real ones again and again, each time by other customers in other orders."""
    store, real, out = Store(home / "tables"), current(home), Store(folder / "tables")
    names = ("customers", "orders", "order_lines", "products")
    tables = {n: store.read(n, real.tables[n].version) for n in names}
    times = math.ceil(size / tables["order_lines"].num_rows)
    versions: dict[str, TableVersion] = {"products": out.replace("products", tables["products"])}
    for name in names[:-1]:
        rows = tables[name]
        for copy in range(times):
            part = rows if copy < times - 1 or name != "order_lines" else rows.slice(0, size - copy * rows.num_rows)
            for column in ("customer_id", "order_id"):
                if column in part.column_names and copy:
                    at = part.column_names.index(column)
                    part = part.set_column(at, column, pc.binary_join_element_wise(part[column], f"~{copy}", ""))
            write = out.append if copy else out.replace
            versions[name] = write(name, part)
    made, place = new_folder(folder)
    publish(folder, type(real)(made, real.built_at, real.as_of, versions, real.facts, 0, place))
    return folder


QUERIES = {
    "revenue by month": MetricQuery("revenue", grain="month"),
    "average order value": MetricQuery("aov"),
    "revenue by country": MetricQuery("revenue", by=("country",), order="desc"),
}


def queried(home: Path) -> dict[str, float]:
    """Seconds of each query, each by a reader that has seen nothing, in a process that has answered another question."""
    found: dict[str, float] = {}
    run(MetricQuery("orders"), Reader(home, current(home), Scope.of_role("admin")))
    for name, query in QUERIES.items():
        reader = Reader(home, current(home), Scope.of_role("admin"))
        result, found[name] = timed(partial(run, query, reader))
        found[f"{name}, value"] = float(result.total.value)
    return found


def in_pandas(home: Path) -> dict[str, float]:
    """The same from the same files: only the columns that are needed, strings backed by Arrow, money as floats."""
    tables = current(home).tables

    def read(name: str, *columns: str) -> pd.DataFrame:
        files = [str(home / "tables" / f) for f in tables[name].files]
        return pd.concat([pd.read_parquet(f, columns=list(columns), dtype_backend="pyarrow") for f in files])

    def lines(*columns: str) -> pd.DataFrame:
        rows = read("order_lines", "order_id", "qty_ordered", "unit_price", "discount")
        orders = read("orders", "order_id", "status", *columns)
        rows["value"] = rows["qty_ordered"].astype(float) * rows["unit_price"].astype(float) - rows["discount"].astype(
            float
        ).fillna(0)
        return rows.merge(orders[orders["status"] != "cancelled"], on="order_id")

    def by_month() -> float:
        rows = lines("ordered_at")
        return float(rows.groupby(rows["ordered_at"].dt.strftime("%Y-%m"))["value"].sum().sum())

    def average() -> float:
        rows = lines()
        return float(rows["value"].sum() / rows["order_id"].nunique())

    def by_country() -> float:
        rows = lines("customer_id").merge(read("customers", "customer_id", "country"), on="customer_id")
        return float(rows.groupby("country")["value"].sum().sum())

    found = {}
    for name, work in zip(QUERIES, (by_month, average, by_country), strict=True):
        value, found[name] = timed(work)
        found[f"{name}, value"] = value
    return found


def lines(home: Path, folder: Path) -> None:
    took: dict[int, dict[str, float]] = {}
    modelled: dict[int, dict[str, float]] = {}
    for size in SIZES:
        place = repeated(home, size, folder / str(size))
        took[size] = alone(queried, place)
        told = ", ".join(f"{n} {took[size][n]:.2f} s" for n in QUERIES)
        print(f"{size:,} order lines   {told}; {took[size]['mb']:,.0f} MB")
        modelled[size] = alone(customer_models, place)
        print(f"  all customer models {modelled[size]['all']:.1f} s, {modelled[size]['mb']:,.0f} MB")
    slope = math.log(modelled[SIZES[-1]]["all"] / modelled[SIZES[0]]["all"]) / math.log(SIZES[-1] / SIZES[0])
    print(f"  growth of the models n^{slope:.2f}")
    peer = alone(in_pandas, place)
    for name in QUERIES:
        ours = took[SIZES[-1]][name]
        differ = abs(peer[f"{name}, value"] / took[SIZES[-1]][f"{name}, value"] - 1)
        growth = math.log(ours / took[SIZES[0]][name]) / math.log(SIZES[-1] / SIZES[0])
        print(
            f"  {name}: pandas {peer[name]:.1f} s, {peer[name] / ours:.0f} times; growth n^{growth:.2f}; values differ by {differ:.0e}"
        )
    print(f"  pandas took {peer['mb']:,.0f} MB")


def main() -> None:
    parts = sys.argv[1:] or ["clv", "retail", "lines"]
    if "clv" in parts:
        clv()
    if {"retail", "lines"} & set(parts):
        with tempfile.TemporaryDirectory() as folder:
            home = online_retail(Path(folder))
            if "retail" in parts:
                retail(home)
            if "lines" in parts:
                lines(home, Path(folder))


if __name__ == "__main__":
    main()
