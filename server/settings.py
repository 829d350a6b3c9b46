"""Every setting of the server: read once from the environment, checked whole, frozen.

Each field of `Settings` is the variable `SAFEAUDIT_` + its name in capitals and carries its own line
of documentation; `docs/settings.md` is made from them by `documentation`.
"""

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from server import setting_values as values

PREFIX = "SAFEAUDIT_"

# What Docker links and Kubernetes services called "safeaudit…" put into every container beside them.
_SERVICE_LINK = re.compile(
    rf"{PREFIX}(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
_MOST_WEB_WORKERS = 4
_SERVICE_ADDRESS = re.compile(r"(?:tcp|udp|sctp)://")

logger = logging.getLogger(__name__)


class SettingsError(Exception):
    """The environment cannot be used; the message lists every fault with its remedy."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Setting:
    """How a field is read from text, what it is for, and how its default is told."""

    read: Callable[[str], Any]
    doc: str
    default: str = ""
    secret: bool = False


def default_home(environ: Mapping[str, str]) -> Path:
    """Return where data are kept if nothing is said: /var/lib/safeaudit as root, else in the user's home."""
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/safeaudit")
    return Path(environ.get("HOME") or Path.home()) / ".local/share/safeaudit"


def default_web_workers() -> int:
    """Return how many web processes run if nothing is said; each may hold twelve of the connections."""
    return min((os.cpu_count() or 1) + 1, _MOST_WEB_WORKERS)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this server runs. Make it with `Settings.from_environment`."""

    home: Annotated[
        Path,
        Setting(
            values.absolute_path,
            "Folder of everything the server keeps: the embedded database, the secret key, photos.",
            default="`/var/lib/safeaudit` as root, else `~/.local/share/safeaudit`",
        ),
    ]
    database_url: Annotated[
        str | None,
        Setting(
            values.database_url,
            "PostgreSQL with PostGIS to use; no database is started then, and the secret key must be given.",
            default="an embedded PostgreSQL in `SAFEAUDIT_HOME`",
            secret=True,
        ),
    ] = field(default=None, repr=False)
    secret_key: Annotated[
        str | None,
        Setting(
            values.secret,
            f"Key of the pseudonyms, at least {values.SECRET_LENGTH} characters. Keep a copy.",
            default="made once and kept in `SAFEAUDIT_HOME`",
            secret=True,
        ),
    ] = field(default=None, repr=False)
    public_url: Annotated[
        str | None,
        Setting(
            values.web_address,
            "Address under which people reach the server; it goes into join links and QR codes.",
            default="the address served",
        ),
    ] = None
    pg_bin: Annotated[
        Path | None,
        Setting(
            values.absolute_path,
            "Folder of the PostgreSQL programs (`initdb`, `pg_ctl`) for the embedded database.",
            default="the newest found that has PostGIS",
        ),
    ] = None
    basemap_style: Annotated[
        str | None,
        Setting(
            values.style_address,
            "MapLibre style drawn below the city instead of our own basemap; all of it must come from its "
            "own origin, which is the only other one that the pages' policy then names.",
            default="our own basemap (`safeaudit basemap add`), no foreign server",
        ),
    ] = None
    log_level: Annotated[
        str,
        Setting(values.log_level, "Least severe log line that is written: DEBUG, INFO, WARNING or ERROR."),
    ] = "INFO"
    web_workers: Annotated[
        int,
        Setting(
            values.integer(1, 64),
            "Web processes; as each waits for the store at times, one more than processors keeps those busy.",
            default="processors + 1, at most 4",
        ),
    ] = field(default_factory=default_web_workers)
    web_threads: Annotated[
        int, Setting(values.integer(1, 64), "Threads of each web process; each may hold one connection.")
    ] = 4
    trusted_proxies: Annotated[
        int,
        Setting(
            values.integer(0, 10), "Number of proxies in front whose `X-Forwarded-*` headers are believed."
        ),
    ] = 0
    max_body_bytes: Annotated[
        int,
        Setting(
            values.integer(2**16, 2**26), "Largest request body, after decompression; photos have their own."
        ),
    ] = 2 * 2**20
    max_photo_bytes: Annotated[
        int, Setting(values.integer(2**16, 2**26), "Largest photo as sent; what is stored of it is smaller.")
    ] = 10 * 2**20
    photo_bucket: Annotated[
        str | None,
        Setting(
            values.bucket,
            "Where photos are kept instead, such as s3://bucket/folder; needs the extra `s3`. "
            "Needed where several machines serve one store.",
            default="the folder `photos` in `SAFEAUDIT_HOME`",
        ),
    ] = None
    enrolments_per_hour: Annotated[
        int, Setting(values.integer(1, 10**6), "Devices that one address may enrol in an hour.")
    ] = 240
    submissions_per_minute: Annotated[
        int, Setting(values.integer(1, 10**6), "Requests with audits that one device may send in a minute.")
    ] = 600
    backup_folder: Annotated[
        Path | None,
        Setting(
            values.absolute_path,
            "Folder of the nightly backups: best on another disk than HOME.",
            default="`backups` in `SAFEAUDIT_HOME`",
        ),
    ] = None
    backup_recipient: Annotated[
        str | None,
        Setting(
            values.age_recipient,
            "To whom backups are sealed, as `safeaudit backup-key` prints it.",
            default="nobody: they are not encrypted",
        ),
    ] = None
    backups_kept: Annotated[
        int, Setting(values.integer(0, 3650), "Nightly backups that are kept; 0 makes none.")
    ] = 14
    endings_log: Annotated[
        Path | None,
        Setting(
            values.absolute_path,
            "File that notes what people took back, for `restore --endings`: best on another disk than HOME.",
            default="`endings.log` in `SAFEAUDIT_HOME`",
        ),
    ] = None
    open311_keys: Annotated[
        Mapping[str, str],
        Setting(
            values.keys_by_city,
            "Keys for the Open311 endpoints of cities, such as `pune:KEY,cali:KEY`.",
            default="none",
            secret=True,
        ),
    ] = field(default_factory=dict, repr=False)
    programme_sources: Annotated[
        Mapping[str, str],
        Setting(
            values.named_addresses,
            "Indicator files of cities on other servers, shown beside ours at `/programme`, such as "
            "`Pune=https://audits.example.org/api/v1/cities/pune/indicators.json`.",
            default="none",
        ),
    ] = field(default_factory=dict)
    metrics_token: Annotated[
        str | None,
        Setting(
            values.secret,
            "Bearer token that opens `/metrics` to others than the machine itself.",
            default="none",
            secret=True,
        ),
    ] = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings that an environment asks for; an empty variable counts as not set.

        Service-link variables such as SAFEAUDIT_PORT=tcp://10.0.0.1:80 are logged and passed over.
        Raises `SettingsError` with all faults at once; no message shows a secret.
        """
        faults = _unknown(environ)
        read: dict[str, Any] = {"home": default_home(environ)}
        for name, setting in catalogue().items():
            text = environ.get(variable(name), "").strip()
            try:
                read |= {name: setting.read(text)} if text else {}
            except ValueError as error:
                value = " (value not shown)" if setting.secret else f"={text!r}"
                faults.append(f"{variable(name)}{value}: {error}.")
        if environ.get(variable("database_url")) and not environ.get(variable("secret_key")):
            faults.append(
                f"{variable('secret_key')} is missing: with {variable('database_url')} set it must be given, "
                "the same on every machine."
            )
        if faults:
            raise SettingsError(faults)
        return cls(**read)


def variable(name: str) -> str:
    """Return the environment variable of a field of `Settings`."""
    return PREFIX + name.upper()


def catalogue() -> dict[str, Setting]:
    """Return every setting by the name of its field."""
    hints = get_type_hints(Settings, include_extras=True)
    return {one.name: hints[one.name].__metadata__[0] for one in fields(Settings)}


def documentation() -> str:
    """Return the Markdown table of all settings, one row each."""
    defaults = {one.name: one.default for one in fields(Settings)}
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, setting in catalogue().items():
        rows.append(f"| `{variable(name)}` | {setting.default or f'`{defaults[name]}`'} | {setting.doc} |")
    return "\n".join(rows) + "\n"


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = [variable(name) for name in catalogue()]
    faults = []
    for name in sorted(set(environ) - set(known)):
        if not name.startswith(PREFIX):
            continue
        if _is_service_link(name, environ[name]):
            logger.warning("%s looks like a container service link, not a setting: ignored.", name)
            continue
        nearest = get_close_matches(name, known, n=1, cutoff=0.0)[0]
        faults.append(f"{name} is no setting: did you mean {nearest}? All settings: docs/settings.md.")
    return faults


def _is_service_link(name: str, value: str) -> bool:
    if _SERVICE_LINK.fullmatch(name):
        return True
    return name.endswith("_PORT") and _SERVICE_ADDRESS.match(value) is not None
