"""`python -m server` is `safeaudit`."""

from server.cli import main

main()
