"""What a setting's text must look like: each reader raises ValueError with the remedy, never the text."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

SECRET_LENGTH = 32
_LARGEST = 1_000_000


def integer(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from low to high."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return read


def absolute_path(text: str) -> Path:
    """Return the path; a relative one would depend on where the program was started."""
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        raise ValueError("give an absolute path such as /var/lib/safeaudit")
    return path


def age_recipient(text: str) -> str:
    """Return a public key of age, whose checksum is right."""
    from pyrage import RecipientError, x25519  # noqa: PLC0415 - only where it is used

    try:
        return str(x25519.Recipient.from_str(text))
    except RecipientError:
        raise ValueError("give a recipient such as age1…, as `safeaudit backup-key` prints it") from None


def web_address(text: str) -> str:
    """Return an http or https address without a slash at its end."""
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment:
        raise ValueError("give an address such as https://audits.example.org")
    return text.rstrip("/")


def bucket(text: str) -> str:
    """Return the address of a folder in an object store."""
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,62}(/[\w.=-]+)*/?", text):
        raise ValueError("give a bucket and a folder in it, as in s3://bucket/photos")
    return text.rstrip("/")


def style_address(text: str) -> str:
    """Return the address of a map style, on this server or another."""
    if not re.match(r"https?://[^/\s]+/|/[^/\s]", text):
        raise ValueError("give the address of a MapLibre style, such as https://tiles.example.org/style.json")
    return text


def database_url(text: str) -> str:
    """Return a PostgreSQL address in the form that SQLAlchemy takes, driver named."""
    try:
        address = urlsplit(text)
        _ = address.port
    except ValueError:
        # Python's own message quotes the address, password and all.
        raise ValueError("the address cannot be read; percent-encode special characters in it") from None
    if address.scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError("give a PostgreSQL address such as postgresql://safeaudit@db.example.org/safeaudit")
    if not address.path.strip("/"):
        raise ValueError("name the database, as in postgresql://safeaudit@db.example.org/safeaudit")
    return "postgresql+psycopg" + text[len(address.scheme) :]


def secret(text: str) -> str:
    """Return a secret that is long enough not to be guessed."""
    if len(text) < SECRET_LENGTH:
        raise ValueError(
            f"give at least {SECRET_LENGTH} characters; "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))' makes a good one"
        )
    return text


def keys_by_city(text: str) -> dict[str, str]:
    """Return a key for each city's slug."""
    pairs = [one.strip().partition(":") for one in text.split(",")]
    if not all(slug and key.strip() for slug, _, key in pairs):
        raise ValueError("give city:key, more of them separated by commas")
    return {slug.strip(): key.strip() for slug, _, key in pairs}


def named_addresses(text: str) -> dict[str, str]:
    """Return an address for each name."""
    pairs = [one.strip().partition("=") for one in text.split(",")]
    fit = all(name.strip() and re.match(r"https?://[^/\s]+/\S", url.strip()) for name, _, url in pairs)
    if not fit or len({name.strip() for name, _, _ in pairs}) < len(pairs):
        raise ValueError("give Name=https://host/path, each name once, more of them separated by commas")
    return {name.strip(): url.strip() for name, _, url in pairs}


def log_level(text: str) -> str:
    """Return the name of a log level in capitals."""
    level = text.upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("give one of DEBUG, INFO, WARNING, ERROR")
    return level


def hundredths(value: object) -> Decimal:
    """Return a number with two decimals at most, exactly; ValueError for anything else."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if not (number.is_finite() and abs(number) < _LARGEST and number == round(number, 2)):
        raise ValueError("must be a number with two decimals at most, such as 0.5")
    return round(number, 2)
