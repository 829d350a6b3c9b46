import pytest
from sqlalchemy import text

from server.database import connect
from server.durability import DurabilityOff, check


@pytest.fixture
def connection(cluster):
    """A connection to the tests' own cluster, which is fast and forgetful."""
    database = connect(cluster.url, pool_size=1)
    with database.transaction() as connection:
        yield connection
    database.dispose()


def test_a_forgetful_store_is_refused_with_each_setting_and_the_remedy(connection):
    with pytest.raises(DurabilityOff) as caught:
        check(connection)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"{setting} is 'off'" in str(caught.value)
        assert f"ALTER SYSTEM SET {setting} = on;" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "refused"), [("remote_write", True), ("local", True), ("remote_apply", False)]
)
def test_a_commit_that_may_be_lost_is_told_and_a_safe_one_is_not(connection, value, refused):
    connection.execute(text(f"SET LOCAL synchronous_commit = {value}"))
    with pytest.raises(DurabilityOff) as caught:
        check(connection)
    assert ("synchronous_commit" in str(caught.value)) is refused
