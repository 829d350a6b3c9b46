"""Verbs: one act of the product each, inside the caller's transaction."""
