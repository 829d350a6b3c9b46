"""`safeaudit up`."""

import sys

import click

from server.cli.context import read_settings
from server.cluster import ClusterError
from server.secret_key import secret_key
from server.settings import Settings

DEMO_PAGES = {"hotspots": "/api/v1/cities/demo/layers/hotspots.geojson"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo/--no-demo", default=True, help="Make the city `demo` on the embedded database.")
def command(host: str, port: int, demo: bool) -> None:
    """Run database, migrations, web and worker in one foreground process; Ctrl-C ends all of it."""
    from server import log, supervisor  # noqa: PLC0415 - loaded when needed

    settings = read_settings()
    log.configure(settings.log_level)
    with_demo = demo and settings.database_url is None
    program = [sys.executable, "-m", "server"]
    try:
        supervisor.run(
            settings,
            host=host,
            port=port,
            prepare=lambda url: _prepare(url, settings, demo=with_demo),
            commands={
                "web": [*program, "serve", "--host", host, "--port", str(port)],
                "worker": [*program, "worker"],
            },
            pages={"map": "/", "API": "/api/docs", **(DEMO_PAGES if with_demo else {})},
            say=click.echo,
        )
    except (supervisor.StartRefused, ClusterError) as error:
        raise click.ClickException(str(error)) from None


def _prepare(url: str, settings: Settings, *, demo: bool) -> None:
    """Bring the store to this program's schema, and on request make the demo city."""
    from server import durability  # noqa: PLC0415
    from server.database import connect  # noqa: PLC0415
    from server.services.migrate import migrate  # noqa: PLC0415

    database = connect(url)
    try:
        with database.transaction() as connection:
            durability.check(connection)
        migrate(database)
        if demo:
            from server.demo import make_demo  # noqa: PLC0415 - loads the simulator

            secret = secret_key(settings).encode()
            make_demo(database, home=settings.home, secret=secret, say=click.echo)
    finally:
        database.dispose()
