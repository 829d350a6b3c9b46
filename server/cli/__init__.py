"""`safeaudit`: each command parses, opens the store, delegates. Its module is read when it is called."""

import importlib
import os
import sys

import click

from server.errors import Refusal

# Command -> (module that holds it under the name `command`, its line in `safeaudit --help`).
COMMANDS = {
    "aggregate": ("server.cli.aggregate", "Count and average with noise, within a privacy budget."),
    "analyze": ("server.cli.analyze", "Compute and publish a run of one city."),
    "backup": ("server.cli.backup", "Write everything the server keeps into one file."),
    "backup-key": ("server.cli.backup_key", "Make a key that alone opens the backups from then on."),
    "basemap": ("server.cli.basemap", "Serve streets and water below the map."),
    "campaign": ("server.cli.campaign", "Set up audit walks and confirm their head count."),
    "check": ("server.cli.check", "Say in plain words what is wrong; exit 1 if anything is."),
    "city": ("server.cli.city", "Make, show and change cities."),
    "collect": ("server.cli.collect", "Set up phones with ODK Collect or KoboCollect."),
    "consent": ("server.cli.consent", "Approve what residents are asked to agree to."),
    "import": ("server.cli.import_", "Take audits from a foreign file."),
    "instrument": ("server.cli.instrument", "Add and list questionnaires of a city."),
    "intervention": ("server.cli.intervention", "Keep what was done where, and tell what it did."),
    "key": ("server.cli.key", "Make, list and revoke keys of planners and other staff."),
    "layer": ("server.cli.layer", "List and export what the last run published."),
    "migrate": ("server.cli.migrate", "Bring the store to this program's schema."),
    "moderation": (
        "server.cli.moderation",
        "See what is doubtful; accept, hide or restore it.",
    ),
    "reference": ("server.cli.reference", "Load streets, population or incidents."),
    "release": ("server.cli.release", "Give single audits away, anonymised, a quarter at a time."),
    "replay": ("server.cli.replay", "Take back anew what people took back, after a recovery."),
    "report": ("server.cli.report", "Write the city report: a page to print, or its tables."),
    "restore": ("server.cli.restore", "Bring a backup to life in an empty HOME."),
    "serve": ("server.cli.serve", "Serve HTTP."),
    "simulate": ("server.cli.simulate", "Write a synthetic city with planted unsafe places."),
    "up": ("server.cli.up", "Run everything in one foreground process."),
    "upgrade-db": ("server.cli.upgrade_db", "Move the embedded database to a newer PostgreSQL."),
    "worker": ("server.cli.worker", "Run background jobs."),
    "zones": ("server.cli.zones", "Load, list and remove administrative areas."),
}


class LazyGroup(click.Group):
    """A group whose commands are read only when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a command, its module read now."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands from their summaries alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="safeaudit")
def group() -> None:
    """Participatory safety audits: residents' ratings in, tested hotspots and anonymised data out."""


# The matrices of a run are small or sparse: more threads spend a fifth more processor time and save none, and
# sums would come out in another order on machines of other sizes. Read when numpy is loaded.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def main() -> None:
    """Run a command; a refusal is printed with its faults and ends in exit code 1."""
    os.environ.update(_ONE_THREAD | os.environ)
    try:
        group(prog_name="safeaudit")
    except Refusal as refusal:
        click.echo(f"safeaudit: {refusal.detail}", err=True)
        for fault in refusal.faults:
            click.echo(f"  {fault.pointer or '(whole)'}: {fault.detail}", err=True)
        sys.exit(1)
