"""Faults F1 to F14, each done to a real server, and to one that breaks its promise.

    python -m tests.faults.campaign [F1 F8 …] [--only good | weakened]

The server is `safeaudit up` itself. Pass: every acknowledged audit is in the store exactly once, with the
answers that were sent, nothing is there that was never sent, and what else the fault promises holds. The same
check must find the mutant out: in one of five tries, where chance has a part in it. Found out it is by the
criterion that its weakness breaks, and by nothing else: a strike that gives up has found nothing.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from subprocess import CalledProcessError

from tests.faults import answers, recovery, strikes, upheavals
from tests.faults.phones import GaveUpError, Ledger, Verdict, verdict
from tests.faults.server import UNLIMITED, Running, new_home, served

Strike = Callable[[Running, Ledger], None]
TRIES = 5
_BY_CHANCE = ("F1", "F2", "F3")
NO_KEY = ("ALTER TABLE audit DROP CONSTRAINT pk_audit CASCADE",)
NO_FLUSH = ("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault, and the weakness that its check must find."""

    code: str
    words: str
    strike: Strike
    mutant: str | None = None
    behind: Sequence[str] = ()
    """What weakens the store behind the server's back."""
    weaker: Strike | None = None
    weakness: str = ""
    red: str = "missing"
    """The criterion that the weakened server must not meet."""
    disk: str | None = None
    settings: tuple[tuple[str, str], ...] = ()


FAULTS = (
    Fault(
        code="F1", words="web workers killed", strike=strikes.kill_web, mutant="acknowledges_before_commit"
    ),
    Fault(
        code="F2",
        words="PostgreSQL killed",
        strike=strikes.kill_database,
        behind=NO_FLUSH,
        weakness="synchronous_commit off",
    ),
    Fault(
        code="F3",
        words="all of them killed",
        strike=strikes.kill_everything,
        mutant="acknowledges_before_commit",
    ),
    Fault(
        code="F4a",
        words="disk of the data full",
        strike=strikes.full_disk("postgres/data/base"),
        mutant="takes_errors_for_success",
        disk="data",
    ),
    Fault(
        code="F4b",
        words="disk of the log full",
        strike=strikes.full_disk("postgres/data/pg_wal"),
        mutant="takes_errors_for_success",
        disk="log",
    ),
    Fault(
        code="F4c",
        words="disk of the photos full",
        strike=upheavals.full_album,
        mutant="loses_a_photo",
        red="whole",
        disk="photos",
        settings=(("photos", "on"),),
    ),
    Fault(
        code="F5",
        words="1,000 slow clients",
        strike=strikes.slow_clients,
        mutant="waits_for_every_body",
        red="p95",
    ),
    Fault(
        code="F6", words="bad bodies", strike=answers.bad_bodies, mutant="reads_json_leniently", red="refused"
    ),
    Fault(
        code="F7",
        words="wrong clocks",
        strike=answers.wrong_clocks,
        mutant="believes_the_phone_s_clock",
        red="arrival",
    ),
    Fault(
        code="F8",
        words="the same 50 times",
        strike=answers.duplicates,
        mutant="has_no_key",
        behind=NO_KEY,
        red="doubled",
    ),
    Fault(
        code="F8b",
        words="other content, same id",
        strike=answers.duplicates,
        mutant="overwrites",
        red="altered",
    ),
    Fault(
        code="F9",
        words="partial batches",
        strike=answers.partial_batches,
        mutant="drops_the_last_of_a_batch",
    ),
    Fault(
        code="F10",
        words="bad network",
        strike=strikes.bad_network,
        mutant="has_no_key",
        behind=NO_KEY,
        red="doubled",
    ),
    Fault(
        code="F11",
        words="migrations under load",
        strike=upheavals.migrating(),
        weaker=upheavals.migrating(held_s=4.0),
        weakness="a lock of 4 s",
        red="waited",
    ),
    Fault(
        code="F12",
        words="backup, restore",
        strike=upheavals.backed_up,
        mutant="backs_up_too_little",
        red="restored",
    ),
    Fault(
        code="F12b",
        words="back to a moment",
        strike=recovery.recovered(),
        weaker=recovery.recovered(logged=False),
        weakness="no log beside the base backup",
        red="restored",
    ),
    Fault(
        code="F13",
        words="no connection left",
        strike=strikes.no_connections,
        mutant="takes_errors_for_success",
    ),
    Fault(
        code="F14",
        words="layers computed anew",
        strike=upheavals.analysed(),
        weaker=upheavals.analysed(tampered=True),
        weakness="one score changed",
        red="equal",
    ),
)


def trial(fault: Fault, up: Running, *, weakened: bool = False, before: Ledger | None = None) -> Verdict:
    """Return what a fault did to a server; `before` is what was sent to it by earlier faults."""
    for command in fault.behind if weakened else ():
        up.as_superuser(command)
    ledger = Ledger() if before is None else before.next()
    try:
        (fault.weaker or fault.strike if weakened else fault.strike)(up, ledger)
    except (GaveUpError, CalledProcessError) as error:
        ledger.require(False, "gave up", str(error))
    return verdict(up, ledger)


@contextmanager
def running(fault: Fault, *, mutant: str | None = None) -> Iterator[Running]:
    """Yield `safeaudit up` without limits once it is ready; it is ended afterwards."""
    with ExitStack() as stack:
        home = stack.enter_context(new_home(mutant, **UNLIMITED))
        for key, value in fault.settings:
            home.command("city", "set", "firetown", f"{key}={value}")
        if fault.disk is not None:
            folder, spare_mb = upheavals.spare_room(home.path)[fault.disk]
            stack.enter_context(strikes.own_disk(folder, spare_mb=spare_mb))
        yield stack.enter_context(served(home))


def caught(fault: Fault) -> str:
    """Return whether the weakened server was found out by the criterion it breaks, in words."""
    for _ in range(TRIES if fault.code in _BY_CHANCE else 1):
        with running(fault, mutant=fault.mutant) as up:
            found = trial(fault, up, weakened=True)
        told = [one for one in found.red if one.startswith(f"{fault.red}: ")]
        if told:
            return f"caught, {told[0]:.60}"
    return f"NOT caught: {'; '.join(found.red) or 'nothing is red'}"


def main() -> None:
    """Print the table; exit 1 where a promise was broken or a mutant passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("codes", nargs="*", help="such as F1; else all")
    parser.add_argument("--only", choices=["good", "weakened"], help="servers; else both")
    options = parser.parse_args()
    chosen = [fault for fault in FAULTS if not options.codes or fault.code in options.codes]
    head = (
        f"{'fault':<30}{'operations':>11}{'acknowledged':>13}{'missing':>8}{'doubled':>8}{'recovery s':>11}"
    )
    print(head, flush=True)
    good = all(
        [found.passed for found in _done_to_good_servers([] if options.only == "weakened" else chosen)]
    )
    for fault in [] if options.only == "good" else chosen:
        told = caught(fault)
        good = good and told.startswith("caught")
        print(f"{fault.code + ' ' + (fault.mutant or fault.weakness):<40}{told}", flush=True)
    sys.exit(not good)


def _done_to_good_servers(chosen: Sequence[Fault]) -> Iterator[Verdict]:
    """Yield the verdicts: of one server for all faults that need no disk of their own, else of one each."""
    together = [fault for fault in chosen if fault.disk is None]
    for shared in (together, *([fault] for fault in chosen if fault.disk is not None)):
        if not shared:
            continue
        with running(shared[0]) as up:
            ledger = Ledger()
            for fault in shared:
                yield _told(fault, trial(fault, up, before=ledger))


def _told(fault: Fault, found: Verdict) -> Verdict:
    print(
        f"{fault.code + ' ' + fault.words:<30}{found.operations:>11}{found.acknowledged:>13}"
        f"{found.missing:>8}{found.doubled:>8}{found.recovery_s:>11.1f}",
        *([] if found.passed else [f"\n  BROKEN: {found}"]),
        flush=True,
    )
    return found


if __name__ == "__main__":
    main()
