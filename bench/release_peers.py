"""anjana beside our release, and pycanon's judgement of it: PYTHON bench/release_peers.py FOLDER.

Run by `bench.release --peers PYTHON` in an environment of its own, which has anjana, pycanon and pandas.
"""

import sys
import time
from pathlib import Path

import pandas as pd
from anjana.anonymity import k_anonymity as anonymised
from pycanon.anonymity import k_anonymity

KEYS = ["cell", "resolution", "quarter", "daypart", "gender", "age_band", "mode"]
K = 10


def main() -> None:
    folder = Path(sys.argv[1])
    ours = pd.read_csv(folder / "ours.csv", dtype=str)[KEYS]
    auditor = pd.read_csv(folder / "auditor.csv", header=None)[0]
    people = ours.assign(auditor=auditor).drop_duplicates().drop(columns="auditor")
    print(f"pycanon: k = {k_anonymity(people, KEYS)} of ours, one row per auditor and class")
    raw = pd.read_csv(folder / "raw.csv", dtype=str)
    table = raw[["cell0", "daypart", "gender", "age_band"]]
    unique = raw.drop_duplicates("cell0")
    levels = {up: unique[f"cell{up}"].to_numpy() for up in range(4)} | {4: ["*"] * len(unique)}
    hierarchies = {"cell0": levels}
    for name in ("daypart", "gender", "age_band"):
        values = table[name].unique()
        hierarchies[name] = {0: values, 1: ["*"] * len(values)}
    start = time.process_time()
    made = anonymised(table, [], list(table.columns), K, 1.0, hierarchies)
    spent = time.process_time() - start
    told = made["cell0"].nunique()
    print(f"anjana: {spent:.1f} CPU s, {told:,} cells told, {len(made):,} rows; its k counts rows")


if __name__ == "__main__":
    main()
