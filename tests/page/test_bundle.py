"""What is shipped: small, whole, from our origin alone."""

import gzip
import json
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
SCRIPT_LIMIT_KB = 600


def test_scripts_weigh_at_most_the_limit_compressed(built_page: Path) -> None:
    scripts = list((built_page / "assets").glob("*.js"))
    assert any("worker" in script.name for script in scripts), "the map worker is missing from the sum"
    weight_kb = sum(len(gzip.compress(script.read_bytes(), 6)) for script in scripts) / 1000
    assert weight_kb <= SCRIPT_LIMIT_KB


def test_the_page_holds_no_inline_script_or_style_and_names_no_other_origin(built_page: Path) -> None:
    markup = (built_page / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)", markup) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", markup) == []
    addresses = re.findall(r'(?:src|href)="([^"]*)"', markup)
    assert addresses
    assert [address for address in addresses if not re.match(r"/(?!/)", address)] == []


def test_the_lock_file_names_no_registry_and_pins_every_package_by_hash() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert installed
    assert [name for name, entry in installed.items() if "resolved" in entry] == []
    assert [
        name for name, entry in installed.items() if "integrity" not in entry and not entry.get("inBundle")
    ] == []
