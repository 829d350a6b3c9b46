"""Pure geography: cells, lattices, sun, areas. Knows no files, clock, network, Flask or SQL."""
