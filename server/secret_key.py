"""The key behind all pseudonyms: given by the operator, or made once and kept in HOME."""

import os
import secrets
from pathlib import Path

from server.setting_values import SECRET_LENGTH
from server.settings import Settings, SettingsError, variable


def secret_key(settings: Settings) -> str:
    """Return the key, the same on every call; on the first one it is made in HOME, mode 0600.

    Raises `SettingsError` where the kept key cannot be read or is damaged.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.home / "secret-key"
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o755 if os.geteuid() == 0 else 0o700)
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            [
                f"the secret key {path} cannot be kept: {error}. Make {settings.home} writable, or set "
                f"{variable('home')} to a folder that is."
            ]
        ) from error
    if len(key) < SECRET_LENGTH:
        raise SettingsError([f"{path} is damaged: put it back from a backup, else pseudonyms are cut off."])
    return key


def _make(path: Path) -> None:
    # Written aside and linked into place: of two processes that start at once, one key wins for both.
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
