"""Backups that only the holder of a key can read, which the server does not have: age, by pyrage.

https://age-encryption.org/v1: authenticated, so that whatever was altered does not open.
"""

import os
from pathlib import Path

from server.errors import Invalid

_HEADER = b"age-encryption.org/"


def new_identity() -> tuple[str, str]:
    """Return a new key (`AGE-SECRET-KEY-1…`) and the recipient (`age1…`) that backups are sealed to."""
    from pyrage import x25519  # noqa: PLC0415 - only where it is used

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def is_sealed(file: Path) -> bool:
    """Return whether a file is sealed."""
    with file.open("rb") as content:
        return content.read(len(_HEADER)) == _HEADER


def seal(plain: Path, sealed: Path, *, recipient: str) -> None:
    """Write a file that only the recipient's key opens, readable for its owner, and flush it to disk."""
    import pyrage  # noqa: PLC0415 - as above

    with os.fdopen(os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        with plain.open("rb") as source:
            pyrage.encrypt_io(source, target, [pyrage.x25519.Recipient.from_str(recipient)])
        target.flush()
        os.fsync(target.fileno())


def unseal(sealed: Path, plain: Path, *, key: Path | None) -> None:
    """Write what is in a sealed file, readable for its owner; `key` is the file with the key.

    Invalid where the key is missing, is none, or is not the one, or where the file was altered or cut off.
    """
    import pyrage  # noqa: PLC0415 - as above

    if key is None:
        raise Invalid(f"{sealed} is sealed: name the file with its key by --key")
    lines = [line.strip() for line in key.read_text(encoding="ascii", errors="replace").splitlines()]
    try:
        [identity] = [
            pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")
        ]
    except (ValueError, pyrage.IdentityError):
        raise Invalid(f"{key} holds no key: one line AGE-SECRET-KEY-1…, as backup-key wrote it") from None
    with os.fdopen(os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        try:
            with sealed.open("rb") as source:
                pyrage.decrypt_io(source, target, [identity])
        except (pyrage.DecryptError, OSError) as error:
            raise Invalid(f"{sealed} does not open: damaged, or sealed for another key ({error})") from None
