"""Revenue, lines and units per day of the stores and department, by pandas, written as one Parquet file.

Takes JSON from standard input: transactions, products (Parquet files), from, to (days, both included), out (a file). Prints
JSON: seconds from the first byte read to the last one written, CPU seconds of the whole process, version.
"""
import json
import sys
import time
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

asked = json.load(sys.stdin)
began = time.perf_counter()
lines = pd.read_parquet(
    asked["transactions"], columns=["product_id", "quantity", "sales_value", "transaction_timestamp"]
)
products = pd.read_parquet(asked["products"], columns=["product_id", "department"])
lines["day"] = lines["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York").dt.date
lines["cents"] = (lines["sales_value"] * 100).round().astype("int64")
first, last = (pd.Timestamp(asked[name]).date() for name in ("from", "to"))
lines = lines[(lines["day"] >= first) & (lines["day"] <= last)]
joined = lines.merge(products, on="product_id", how="left")
joined["department"] = joined["department"].fillna("unknown")
sums = joined.groupby(["day", "department"], sort=True).agg(
    lines=("product_id", "size"), units=("quantity", "sum"), cents=("cents", "sum")
)
sums = sums.reset_index()
table = pa.table(
    {
        "day": pa.array(sums["day"], pa.date32()),
        "department": pa.array(sums["department"], pa.string()),
        "lines": pa.array(sums["lines"], pa.int64()),
        "units": pa.array(sums["units"], pa.int64()),
        "revenue": pa.array([Decimal(int(cents)).scaleb(-2) for cents in sums["cents"]], pa.decimal128(18, 2)),
    }
)
pq.write_table(table, asked["out"])
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "cpuSeconds": time.process_time(), "version": pd.__version__}))
