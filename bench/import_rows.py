"""Import of a CSV file beside the floor: COPY of the same rows into the same table.

    python -m bench.import_rows [--rows 100000 1000000] [--rounds 1]

Import: `import_table` in a process of its own, with every check, from the CSV file. Floor: one COPY of
the rows that the import left in the table, the devices being there. The two take turns on one durable
database; per size the ratio of the medians, the cost per row and the importer's peak memory are printed.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psycopg
from sqlalchemy.engine import make_url

from bench.harness import SECRET, Ground, ground
from server.cities import CityDirectory
from server.database import connect
from server.importing.mapping_file import read_mapping
from server.importing.run import ImportPlan, import_table
from server.importing.tables import open_table

AUDITORS = 2_000
SLUG = "benchtown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--import-only", nargs=2, metavar=("URL", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.import_only:
        import_once(*chosen.import_only)
        return
    with ground(slug=SLUG) as store, tempfile.TemporaryDirectory(prefix="sa-bench-") as folder:
        for rows in chosen.rows:
            compare(store, rows=rows, rounds=chosen.rounds, folder=Path(folder))


def compare(store: Ground, *, rows: int, rounds: int, folder: Path) -> None:
    audits, dump = folder / f"{rows}.csv", folder / f"{rows}.copy"
    write_csv(audits, rows)
    imports, floors, peaks = [], [], []
    with psycopg.connect(dsn(store.url), autocommit=True) as connection:
        for _ in range(rounds):
            connection.execute("TRUNCATE audit CASCADE")
            command = [sys.executable, "-m", "bench.import_rows", "--import-only", store.url, str(audits)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            imports.append(float(told[0]))
            peaks.append(float(told[1]))
            kept = connection.execute("SELECT count(*) FROM audit").fetchone()
            assert kept == (rows,), f"{kept} of {rows} rows were kept"
            floors.append(copy_once(connection, dump))
    own, floor = statistics.median(imports), statistics.median(floors)
    print(
        f"{rows} rows: import {own:.1f} s ({own / rows * 1e6:.1f} us/row), COPY {floor:.1f} s "
        f"({floor / rows * 1e6:.1f} us/row), ratio {floor / own:.2f}, peak memory {max(peaks):.0f} MB",
        flush=True,
    )


def import_once(url: str, file: str) -> None:
    """Import the file and print the seconds it took and the peak memory of this process in MB."""
    database = connect(url, pool_size=2)
    city = CityDirectory(database).get(SLUG)
    begun = time.perf_counter()
    table = open_table(Path(file))
    instruments = {name: city.current(name).instrument for name in city.documents}
    mapping = read_mapping(None, names=table.names, instruments=instruments)
    plan = ImportPlan(city=city, mapping=mapping, secret=SECRET.encode())
    import_table(database, table, plan, on_reject=print, on_progress=lambda *_: None)
    took = time.perf_counter() - begun
    print(took, peak_memory_mb())
    database.dispose()


def peak_memory_mb() -> float:
    """Return this process's own peak (getrusage would count the parent's, up to the exec)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def copy_once(connection: psycopg.Connection, dump: Path) -> float:
    """Return the seconds of one COPY of all rows of the table, emptied, into itself."""
    with dump.open("wb") as file, connection.cursor().copy("COPY audit TO STDOUT") as out:
        for part in out:
            file.write(part)
    connection.execute("TRUNCATE audit CASCADE")
    connection.execute("ALTER TABLE audit DISABLE ROW LEVEL SECURITY")  # which refuses COPY
    begun = time.perf_counter()
    with dump.open("rb") as file, connection.cursor().copy("COPY audit FROM STDIN") as into:
        while part := file.read(1 << 20):
            into.write(part)
    took_s = time.perf_counter() - begun
    connection.execute("ALTER TABLE audit ENABLE ROW LEVEL SECURITY")
    return took_s


def dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def write_csv(path: Path, rows: int) -> None:
    """Write audits of all nine ratings, a time and an auditor each, every tenth with a comment."""
    rng = np.random.default_rng(rows)
    names = "lighting,openness,visibility,people,security,walk_path,transport,gender_usage,feeling"
    seconds = np.datetime64("2026-01-01") + rng.integers(0, 300 * 86_400, rows).astype("timedelta64[s]")
    moments = np.datetime_as_string(seconds, unit="s").tolist()
    lat, lng = rng.uniform(28.41, 28.69, rows).round(6), rng.uniform(77.01, 77.29, rows).round(6)
    who, metres = rng.integers(0, AUDITORS, rows), rng.integers(3, 60, rows)
    levels = rng.choice(["0", "1", "2", "3", ""], size=(rows, 9)).tolist()
    with path.open("w") as file:
        file.write(f"lat,lng,observed_at,auditor,mode,accuracy_m,{names},comment\n")
        for index, row in enumerate(levels):
            row[0] = row[0] or "1"
            comment = "a dark corner behind the stop" if index % 10 == 0 else ""
            file.write(
                f"{lat[index]},{lng[index]},{moments[index]}+05:30,a{who[index]},walk,{metres[index]},"
                f"{','.join(row)},{comment}\n"
            )


if __name__ == "__main__":
    main()
