"""Everything a server keeps in one file, and back again: proved by hashes, later erasures applied anew."""
