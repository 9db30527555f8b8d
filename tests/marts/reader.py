"""Reads every mart with clickhouse-connect and its Parquet with pyarrow, and compares both with what pandas makes of the raw rows."""

import datetime
import json
import math
import sys
from decimal import Decimal

import clickhouse_connect
import pyarrow.parquet as pq

import marketing
import recommended
from truth import expected

asked = json.load(sys.stdin)
client = clickhouse_connect.get_client(
    host="127.0.0.1", port=asked["port"], username=asked["username"], password=asked["password"]
)
KEYS = {**marketing.KEYS, **recommended.KEYS, "fact_ca_pays_mois": 2, "analyse_cohortes": 2, "analyse_saisonnalite": 2, "fact_store_revenue_day": 2, "fact_purchase_lines": 4}
FIRST = {**marketing.FIRST, **recommended.FIRST, "fact_purchase_lines": ["household_id", "basket_id", "product_id", "purchased_at"]}
LEFT_OUT = {"dim_clients": ["email_pseudonyme"], "dim_temps": ["nom_jour", "nom_mois"], "fact_ca_semaine": ["annee_iso", "semaine_iso"], "fact_ca_mois": ["annee", "mois"]}


def plain(value):
    """Money as cents, shares as hundredths, exact; instants as milliseconds."""
    if isinstance(value, Decimal):
        return int(value * 100) if value * 100 == int(value * 100) else value * 100
    if isinstance(value, datetime.datetime):
        return round(value.timestamp() * 1000)
    if hasattr(value, "item"):
        return value.item()
    return value


def same(found, wanted):
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return math.isclose(found, wanted, rel_tol=1e-11, abs_tol=1e-11)
    return found == wanted


def by_key(name, rows):
    width = KEYS.get(name, 1)
    return {row[:width]: row[width:] for row in (tuple(map(plain, row)) for row in rows)}


def differences(found, wanted):
    told = [[key, "missing", str(wanted[key])] for key in wanted.keys() - found.keys()]
    told += [[key, str(found[key]), "not expected"] for key in found.keys() - wanted.keys()]
    for key in wanted.keys() & found.keys():
        if len(found[key]) != len(wanted[key]) or not all(map(same, found[key], wanted[key])):
            told.append([key, str(found[key]), str(wanted[key])])
    return told


with open(asked["raw"]) as file:
    truth = expected(json.load(file))
seen = {}
for mart in asked["marts"]:
    name = mart["name"]
    columns = [column for column in mart["columns"] if column not in LEFT_OUT.get(name, [])]
    columns = sorted(columns, key=(FIRST.get(name, []) + columns).index)
    wanted = {tuple(map(plain, key)): tuple(map(plain, values)) for key, values in truth[name].items()}
    rows = client.query(f"SELECT {', '.join(columns)} FROM gold.{name}").result_rows
    tables = [pq.read_table(file, columns=columns) for file in mart["files"]]
    stored = [tuple(row.values()) for table in tables for row in table.to_pylist()]
    english = client.query(f"SELECT * FROM gold.{mart.get('english', name)}")
    wrong = differences(by_key(name, rows), wanted)
    apart = differences(by_key(name, stored), by_key(name, rows))
    seen[name] = {
        "rows": len(wanted),
        "clickhouse": [len(rows), len(wrong), [str(one) for one in wrong[:3]]],
        "parquet": [len(stored), len(apart), [str(one) for one in apart[:3]]],
        "english": [len(english.result_rows), list(english.column_names) == mart["englishColumns"]],
    }
print(json.dumps(seen))
