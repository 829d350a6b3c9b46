"""The account PostgreSQL runs under: it refuses to run as root, so root lends it another."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.cluster.errors import ClusterError

# Nothing of the caller's: PGHOST, PGDATA, PGOPTIONS or a locale would change what the programs do and say.
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether this is another user than the one who asks."""
        return self.uid != os.geteuid()

    def run(self, argv: Sequence[str], *, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, from `/`, and return how it ended; only root may be another.

        Raises `ClusterError` where the program cannot be run at all.
        """
        try:
            return subprocess.run(
                argv, env=ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", check=False, timeout=timeout_s, umask=0o077,
                start_new_session=True,  # Ctrl-C is for the caller, who knows what to end
                user=self.uid if self.is_other else None,
                group=self.gid if self.is_other else None,
                extra_groups=[] if self.is_other else None,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise ClusterError(f"{argv[0]} cannot be run as user {self.name}: {error}.") from error

    def require_entry(self, folder: Path) -> None:
        """Return if this account may enter a folder; raise `ClusterError` naming the one in the way."""
        if not self.is_other:
            return
        for one in (*reversed(folder.parents), folder):
            if self.run(["test", "-x", str(one)]).returncode != 0:
                raise ClusterError(
                    f"PostgreSQL does not run as root but as user {self.name}, who may not enter {one}. "
                    "Set SAFEAUDIT_HOME to a folder that others may pass through, such as "
                    f"/var/lib/safeaudit, or type: chmod o+x {one}"
                )


def account_for(data: Path) -> Account:
    """Return who runs PostgreSQL on a data folder: its owner, else ourselves, for root postgres or nobody.

    Raises `ClusterError` where the folder belongs to somebody whom we cannot become.
    """
    me = pwd.getpwuid(os.geteuid())
    if not data.exists():
        return _lent_by_root() if me.pw_uid == 0 else Account(me.pw_name, me.pw_uid, me.pw_gid)
    owner = data.stat()
    if owner.st_uid == 0 or me.pw_uid not in (0, owner.st_uid):
        raise ClusterError(
            f"{data} belongs to user id {owner.st_uid}, and safeaudit runs as {me.pw_name} (id {me.pw_uid}). "
            "Run it as the owner or as root, or set SAFEAUDIT_HOME to another folder."
        )
    return Account(_name_of(owner.st_uid), owner.st_uid, owner.st_gid)


def _lent_by_root() -> Account:
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise ClusterError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody: "
        "type useradd --system postgres"
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
