"""Releases: anonymised audits of one closed quarter as files that never change."""
