"""`safeaudit report`."""

from pathlib import Path

import click

from server.cli.context import open_store
from server.cli.writing import write_whole
from server.queries.events import OPERATOR, insert_event


@click.command()
@click.argument("slug")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lang", help="en, es, hi, fr, pt, sw or ar. [the city's first language]")
@click.option("--instrument", help="Whose figures. [the city's first that has a run]")
@click.option("--public", is_flag=True, help="The version for everybody: no ranks, admitted audits alone.")
def command(slug: str, file: Path, lang: str | None, instrument: str | None, public: bool) -> None:
    """Write the report of the city SLUG to FILE: a page (.html) to print, or the tables (.xlsx)."""
    from server.report.make import make_report  # noqa: PLC0415 - loads numpy and shapely
    from server.report.page import render_page  # noqa: PLC0415 - as above
    from server.report.published import find_layers, read_published  # noqa: PLC0415 - as above
    from server.report.words import languages, speech  # noqa: PLC0415 - as above
    from server.report.workbook import write_workbook  # noqa: PLC0415 - as above

    if file.suffix not in (".html", ".xlsx"):
        raise click.BadParameter(f"{file.name!r} must end in .html or .xlsx", param_hint="FILE")
    if lang is not None and lang not in languages():
        raise click.BadParameter(f"{lang!r}; there are: {', '.join(languages())}", param_hint="--lang")
    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        with store.database.layer_reading() as connection:
            layers = find_layers(connection, city, planner=not public, instrument_id=instrument)
            published = read_published(connection, city, layers, planner=not public)
        if not public:
            with store.database.transaction() as connection:
                insert_event(
                    connection, city_id=city.city_id, actor=OPERATOR, action="report.read", detail={}
                )
    if not layers:
        click.echo(f"no run yet; `safeaudit analyze {slug}` makes one", err=True)
    report = make_report(published, speech(lang or city.languages[0], published.document))
    content = render_page(report).encode() if file.suffix == ".html" else write_workbook(report)
    write_whole(file, content)
    click.echo(f"{file}: {len(content)} bytes, for {'everybody' if public else 'planners'}")
