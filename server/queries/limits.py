"""SQL of token buckets: how much somebody may still do, without keeping who it is.

The table is UNLOGGED, so spending writes no WAL and its commit waits for no disk.
"""

from sqlalchemy import Connection, text

from server.prepared import Prepared

_REFILLED = """LEAST($2, rate_bucket.tokens + $3 * GREATEST(0,
    EXTRACT(epoch FROM excluded.refilled_at - rate_bucket.refilled_at)::float8))"""

_SPEND = Prepared(f"""
INSERT INTO rate_bucket (bucket, tokens, refilled_at)
VALUES ($1, $2::float8 - $4::float8, clock_timestamp())
ON CONFLICT (bucket) DO UPDATE SET tokens = {_REFILLED} - $4, refilled_at = excluded.refilled_at
WHERE {_REFILLED} >= $4
RETURNING tokens
""")  # noqa: S608 - constant text
_LEFT = text("""
SELECT tokens + :per_s * EXTRACT(epoch FROM clock_timestamp() - refilled_at)::float8
FROM rate_bucket WHERE bucket = :bucket
""")
_FORGET = text("DELETE FROM rate_bucket WHERE refilled_at < now() - interval '1 day'")


def spend(connection: Connection, *, bucket: bytes, capacity: int, per_s: float, number: int = 1) -> bool:
    """Take `number` tokens at once from a bucket that holds `capacity` and refills by `per_s`.

    Returns whether there were as many; else none was taken.
    """
    return bool(_SPEND.rows(connection, bucket, capacity, per_s, number))


def seconds_to_next(connection: Connection, *, bucket: bytes, per_s: float) -> float:
    """Return after how many seconds there will be a token in a bucket, 0 where there is one."""
    left = connection.scalar(_LEFT, {"bucket": bucket, "per_s": per_s})
    return max(0.0, (1 - (left or 0)) / per_s)


def forget_idle(connection: Connection) -> None:
    """Delete the buckets nobody used for a day: by then all are full again."""
    connection.execute(_FORGET)
