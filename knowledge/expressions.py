"""SQL that people write into mappings: one expression each, over columns and lookups, of functions that only compute.

The session that runs it is locked besides (`knowledge.tables.staging_session`): it can reach no file and no address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from knowledge.errors import BadInput
from knowledge.functions import NAMES
from knowledge.mapping import Part

FUNCTIONS = frozenset("""
    || + - * / // % ** ^ & | << >> ~ ~~ !~~ ~~* !~~* abs sign round floor ceil ceiling trunc even mod fmod power pow sqrt cbrt exp ln log log10 log2
    greatest least gcd lcm isnan isinf isfinite add subtract multiply divide factorial bit_count
    lower lcase upper ucase trim ltrim rtrim substr substring left right length strlen len reverse replace translate concat concat_ws
    contains prefix suffix starts_with ends_with instr position strpos split string_split str_split split_part string_split_regex str_split_regex
    regexp_matches regexp_full_match regexp_replace regexp_extract regexp_extract_all regexp_split_to_array regexp_escape like_escape ilike_escape
    not_like_escape not_ilike_escape strip_accents nfc_normalize ascii chr unicode ord initcap format printf lpad rpad
    md5 sha1 sha256 hash base64 from_base64 to_base64 hex unhex url_encode url_decode encode decode
    levenshtein editdist3 jaccard jaro_similarity jaro_winkler_similarity damerau_levenshtein hamming
    coalesce nullif ifnull if error typeof
    strptime try_strptime strftime date_part datepart date_trunc datetrunc date_diff datediff date_sub datesub date_add extract
    year month day quarter week weekofyear isoyear yearweek dayofweek isodow weekday dayofmonth dayofyear dayname monthname hour minute second
    millisecond microsecond epoch epoch_ms epoch_us epoch_ns last_day make_date make_time make_timestamp make_timestamptz to_timestamp timezone
    to_years to_months to_weeks to_days to_hours to_minutes to_seconds to_milliseconds age century decade era julian time_bucket
    json from_json to_json json_extract json_extract_string json_extract_path json_extract_path_text json_value json_array_length json_keys
    json_type json_valid json_transform json_contains json_exists json_array json_object -> ->>
    row struct_pack struct_extract struct_extract_at list_value list_pack list_extract array_extract element_at list_element list_apply apply
    list_transform array_apply array_transform list_filter array_filter filter list_max list_min list_sum list_avg list_aggregate list_any_value
    list_first list_last list_sort array_sort list_reverse_sort list_distinct list_unique list_contains array_contains list_has list_position
    list_concat array_concat list_reverse list_slice array_slice array_length array_to_string list_zip unnest map map_extract map_keys map_values
    any_value first last min max sum avg mean count count_star arg_min arg_max argmin argmax min_by max_by string_agg group_concat listagg list
    array_agg bool_and bool_or median mode quantile_cont quantile_disc stddev variance
    own_words salesforce_id amount
    row_number rank dense_rank percent_rank lag lead first_value last_value nth_value ntile
""".split())  # fmt: skip
TABLE = re.compile(r"^[a-z_][a-z0-9_]*$", re.IGNORECASE)
LONGEST = 20_000


def check(part: Part) -> None:
    """Fails: BadInput (`bad_mapping`) naming the expression that is none, or does more than compute."""
    for where, sql in _expressions(part):
        if wrong := refused(sql):
            raise BadInput(f"The mapping's `{where}` is not valid: {wrong}.", "Mend that expression.", code="bad_mapping")


@lru_cache(maxsize=4096)
def refused(sql: str) -> str:
    """Why an expression is not run; nothing where it is."""
    import duckdb

    if len(sql) > LONGEST:
        return "it is too long"
    with duckdb.connect(":memory:") as session:
        row = session.execute("SELECT json_serialize_sql(?)", [f"SELECT {sql}\n"]).fetchone()
    parsed: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if parsed.get("error"):
        return str(parsed.get("error_message") or "it is no expression").splitlines()[0].rstrip(".")
    if len(parsed["statements"]) != 1:
        return "it is more than one statement"
    node = parsed["statements"][0]["node"]
    bare = node["type"] == "SELECT_NODE" and node["from_table"]["type"] == "EMPTY" and len(node["select_list"]) == 1
    if not bare or node["where_clause"] or node["group_expressions"] or node["having"] or node["qualify"] or node["modifiers"]:
        return "it is more than one expression"
    return next(_wrong(node), "")


def _wrong(node: Any) -> Iterator[str]:
    """What of a parsed expression is not allowed."""
    if isinstance(node, list):
        for part in node:
            yield from _wrong(part)
    if not isinstance(node, dict):
        return
    name = node.get("function_name")
    if isinstance(name, str) and name and name.lower() not in FUNCTIONS | NAMES:
        yield f"`{name}` is none of the functions that a mapping may use"
    kind = node.get("type")
    if kind == "TABLE_FUNCTION" and (node.get("function") or {}).get("function_name") != "unnest":
        yield "it reads from a function"
    if kind == "BASE_TABLE":
        table, schema = str(node.get("table_name", "")), str(node.get("schema_name") or "")
        if (
            not TABLE.match(table)
            or schema not in ("", "loaded", "known")
            or node.get("catalog_name")
            or table.startswith(INSIDE)
        ):
            yield f"`{'.'.join(p for p in (schema, table) if p)}` is no lookup"
    for part in node.values():
        yield from _wrong(part)


INSIDE = ("duckdb_", "pragma_", "sqlite_", "pg_", "information_schema")


def _expressions(part: Part) -> Iterator[tuple[str, str]]:
    """Every expression of a part, and where it stands."""
    yield from ((f"derive.{name}", sql) for name, sql in part.derive.items())
    yield from ((f"set_aside.{rule.name}", rule.when) for rule in part.set_aside)
    yield from ((f"tell.{number}", sql) for number, sql in enumerate(part.tell))
    yield from ((f"{spec.table}.own", spec.own) for spec in part.tables if spec.own)
    if part.deleted is not None:
        yield "deleted", part.deleted
    for spec in part.tables:
        if spec.where is not None:
            yield f"{spec.table}.where", spec.where
        yield from ((f"{spec.table}.per", sql) for sql in spec.per)
        yield from ((f"{spec.table}.{c}", v.sql) for c, v in spec.columns.items() if v.sql is not None)
