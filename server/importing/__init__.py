"""Foreign files in: read as a table, mapped to audits by a mapping file, checked row by row, stored."""
