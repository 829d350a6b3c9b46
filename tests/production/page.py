"""What docs/production.md tells people to type."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "production.md"


def blocks() -> dict[str, list[str]]:
    """Return the shell blocks of the page, in order, by the heading they stand under."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]:
        heading, _, rest = section.partition("\n")
        found[heading] = re.findall(r"^```sh\n(.*?)^```", rest, re.M | re.S)
    return {heading: told for heading, told in found.items() if told}


def fetches(block: str) -> bool:
    """Return whether a block takes something from the network."""
    return "apt-get" in block or "git clone" in block
