"""Walk docs/production.md on a bare Debian of 2 GB: to the first audit over TLS, and to the next release.

    python -m tests.production.campaign

Every shell block of the page is run as it stands, but for the name, which is `localhost`, and the address of
the repository, which is the last commit here. The next release is that commit with a migration more; eight
phones that never ask twice send while it is installed. Prints a table. Pass: nothing failed, every
acknowledged audit is in the store once, the new release serves.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.production.machine import Machine, bare_machine, missing
from tests.production.page import ROOT, blocks, fetches

CITY = "delhi"
AUTHORITY = "var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
FIRST_S, CALM_S = 5, 5
UNITS = ("postgresql@15-main", "safeaudit-web@8081", "safeaudit-web@8082", "safeaudit-worker", "caddy")
MIGRATION = '''"""Nothing that anybody needs: a column more in the table that all phones write to."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "{next}", "{last}", None, None


def upgrade() -> None:
    op.execute("ALTER TABLE audit ADD COLUMN of_the_next_release text")


def downgrade() -> None:
    op.execute("ALTER TABLE audit DROP COLUMN of_the_next_release")
'''


@dataclass(frozen=True)
class Sent:
    """What phones did in a while."""

    acknowledged: list[str]
    requests: int
    failures: dict[str, int]
    longest_s: float


def type_in(machine: Machine, heading: str, number: int) -> float:
    """Run a block of the page; return the seconds it took."""
    block = blocks()[heading][number].replace("name=audits.example.org", "name=localhost")
    release = 2 if "safeaudit-2" in block else 1
    block = block.replace("git clone …", f"git clone -q /var/tmp/release-{release}.bundle")
    began = time.monotonic()
    machine.run(block, network=fetches(block))
    return time.monotonic() - began


def pack(machine: Machine) -> None:
    """Put two releases where it can clone them: the last commit here, and one with a migration more."""
    target = machine.root / "var/tmp"
    subprocess.run(
        ["git", "bundle", "create", "-q", str(target / "release-1.bundle"), "HEAD"], cwd=ROOT, check=True
    )
    with tempfile.TemporaryDirectory(dir=target) as folder:
        git = (
            "git",
            "-c",
            "user.name=safeaudit",
            "-c",
            "user.email=safeaudit@localhost",
            "-c",
            "advice.detachedHead=false",
            "-C",
            folder,
        )
        subprocess.run([*git, "clone", "-q", str(target / "release-1.bundle"), "."], check=True)
        versions = Path(folder, "migrations", "versions")
        last = max(file.name.split("_")[1] for file in versions.glob("[0-9]*.py"))
        text = MIGRATION.format(last=last, next=f"{int(last) + 1:04}")
        (versions / f"29991231_{int(last) + 1:04}_next_release.py").write_text(text)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "The next release"], check=True)
        subprocess.run([*git, "bundle", "create", "-q", str(target / "release-2.bundle"), "HEAD"], check=True)


@contextmanager
def phones(machine: Machine) -> Iterator[Callable[[], Sent]]:
    """Let phones send meanwhile; what is yielded ends them and tells what they did."""
    command = [sys.executable, "-m", "tests.production.phones", str(machine.root / AUTHORITY), CITY]
    process = subprocess.Popen(
        machine.beside(*command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def end() -> Sent:
        return Sent(**json.loads(process.communicate(timeout=120)[0]))

    try:
        if process.stdout is None or process.stdout.readline() != "sending\n":
            raise RuntimeError("no phone could enrol over TLS")
        yield end
    finally:
        process.kill()
        process.wait()


def in_store(machine: Machine) -> list[str]:
    """Return the id of every stored version of an audit that phones sent."""
    query = "SELECT audit_id FROM audit"
    return machine.run(f"runuser -u postgres -- psql -qAt -d safeaudit -c '{query}'").split()


def state(machine: Machine) -> dict[str, Any]:
    """Return what systemd and the program say of themselves."""
    ready = json.loads(machine.run("curl -fsS http://127.0.0.1:8081/readyz"))
    restarts = machine.run(f"systemctl show -p NRestarts --value {' '.join(UNITS)}").split()
    active = machine.run(f"systemctl is-active {' '.join(UNITS)} || true").split()
    return {"schema": ready["schema"], "restarts": sum(map(int, restarts)), "active": active}


def walk(machine: Machine, say: Callable[[str], None]) -> list[str]:
    """Walk the page; return what was not as it should be."""
    pack(machine)
    for heading in ("The program", "Database, settings, services", "The city"):
        for number in range(len(blocks()[heading])):
            say(f"{heading}: {type_in(machine, heading, number):.0f} s")
    with phones(machine) as end:
        time.sleep(FIRST_S)
        first = end()
    say(f"first audits over TLS: {len(first.acknowledged)}, longest answer {first.longest_s:.2f} s")
    machine.run(f"safeaudit analyze {CITY} && safeaudit check")
    say_memory(machine, say)
    before = state(machine)
    say(f"the next release: {type_in(machine, 'A new release', 0):.0f} s to install")
    with phones(machine) as end:
        time.sleep(CALM_S)
        say(f"the next release: {type_in(machine, 'A new release', 1):.0f} s to go over to it")
        time.sleep(CALM_S)
        during = end()
    after = state(machine)
    say(
        f"meanwhile: {during.requests} requests, {len(during.acknowledged)} audits acknowledged, "
        f"{sum(during.failures.values())} requests failed, longest answer {during.longest_s:.2f} s"
    )
    say_memory(machine, say)
    return faults(first, during, in_store(machine), before, after)


def say_memory(machine: Machine, say: Callable[[str], None]) -> None:
    """Tell what programs hold, and the most that all of them ever held."""
    held = machine.memory()
    told = ", ".join(
        f"{name} {size / 2**20:.0f}" for name, size in sorted(held.items(), key=lambda one: -one[1])[:6]
    )
    peak = machine.peak()
    most = "" if peak is None else f"; the most ever, with files, {peak / 2**20:.0f}"
    say(f"MB of memory: {sum(held.values()) / 2**20:.0f} in all, {told}{most}")


def faults(
    first: Sent, during: Sent, stored: list[str], before: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    """Return what was not as it should be."""
    acknowledged = {*first.acknowledged, *during.acknowledged}
    failures = {**first.failures, **during.failures}
    found = [f"failed: {failures}"] if failures else []
    if lost := acknowledged - set(stored):
        found.append(f"lost: {len(lost)}")
    if doubled := len(stored) - len(set(stored)):
        found.append(f"doubled: {doubled}")
    if not first.acknowledged or not during.acknowledged:
        found.append("no audit arrived")
    if int(after["schema"]) != int(before["schema"]) + 1:
        found.append(f"the new release does not serve: schema {after['schema']}")
    if set(after["active"]) != {"active"} or after["restarts"]:
        found.append(f"services: {after}")
    return found


def main() -> None:
    if absent := missing():
        sys.exit(f"needed: {', '.join(absent)}")
    began = time.monotonic()
    with bare_machine() as machine:
        print(f"a bare Debian has booted: {time.monotonic() - began:.0f} s", flush=True)
        try:
            found = walk(machine, lambda line: print(line, flush=True))
        except subprocess.CalledProcessError as error:
            sys.exit(f"{error.cmd[-1]}\n{error.stdout[-3000:]}\n{error.stderr[-5000:]}")
    print(f"{time.monotonic() - began:.0f} s in all")
    print("passed" if not found else "FAILED: " + "; ".join(found))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
