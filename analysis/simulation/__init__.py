"""A synthetic city with planted unsafe places, and the truth about it."""
