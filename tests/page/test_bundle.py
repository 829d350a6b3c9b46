"""What is shipped: small, whole, from our origin alone."""

import gzip
import json
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
SCRIPT_LIMIT_KB = 600


def test_scripts_of_the_map_weigh_at_most_the_limit_compressed(built_page: Path) -> None:
    scripts = _scripts_of_the_map(built_page)
    assert any("worker" in name for name in scripts), "the map worker is missing from the sum"
    weight_kb = {name: len(gzip.compress((built_page / name).read_bytes(), 6)) / 1000 for name in scripts}
    languages = [kb for name, kb in weight_kb.items() if re.match(r"assets/[a-z]{2}-", name)]
    assert len(languages) == 6
    # Nobody fetches more than one language; English is part of the page.
    assert sum(weight_kb.values()) - sum(languages) + max(languages) <= SCRIPT_LIMIT_KB


def _scripts_of_the_map(built_page: Path) -> set[str]:
    """Return every script that the map may ask for."""
    chunks = json.loads((built_page / "manifest.json").read_text())
    found: set[str] = set()
    waiting = ["index.html"]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = chunks[name]
        found |= {file for file in (chunk["file"], *chunk.get("assets", ())) if file.endswith(".js")}
        waiting += [*chunk.get("imports", ()), *chunk.get("dynamicImports", ())]
    return found


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
