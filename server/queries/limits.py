"""SQL of token buckets: how much somebody may still do, without keeping who it is.

The table is UNLOGGED, so spending writes no WAL and its commit waits for no disk.
"""

from math import ceil

from sqlalchemy import Connection, text

from server.database import execute_by_driver

_REFILLED = """LEAST(%(capacity)s, rate_bucket.tokens + %(per_s)s * GREATEST(0,
    EXTRACT(epoch FROM excluded.refilled_at - rate_bucket.refilled_at)::float8))"""

_SPEND = f"""
INSERT INTO rate_bucket (bucket, tokens, refilled_at)
VALUES (%(bucket)s, %(capacity)s::float8 - %(number)s, clock_timestamp())
ON CONFLICT (bucket) DO UPDATE SET tokens = {_REFILLED} - %(number)s, refilled_at = excluded.refilled_at
WHERE {_REFILLED} >= %(number)s
RETURNING tokens
"""  # noqa: S608 - constant text
_LEFT = text("""
SELECT tokens + :per_s * EXTRACT(epoch FROM clock_timestamp() - refilled_at)::float8
FROM rate_bucket WHERE bucket = :bucket
""")
_FORGET = text("DELETE FROM rate_bucket WHERE refilled_at < now() - interval '1 day'")


def spend(connection: Connection, *, bucket: bytes, capacity: int, per_s: float, number: int = 1) -> int:
    """Take `number` tokens at once from a bucket that holds `capacity` and refills by `per_s`.

    Returns 0, or, where fewer are left, the whole seconds until the next single token, at least 1.
    """
    values = {"bucket": bucket, "capacity": capacity, "per_s": per_s, "number": number}
    if execute_by_driver(connection, _SPEND, values).fetchone() is not None:
        return 0
    left = connection.scalar(_LEFT, {"bucket": bucket, "per_s": per_s})
    return max(1, ceil((1 - (left or 0)) / per_s))


def forget_idle(connection: Connection) -> None:
    """Delete the buckets nobody used for a day: by then all are full again."""
    connection.execute(_FORGET)
