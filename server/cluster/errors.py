"""The one way in which the embedded database refuses."""


class ClusterError(Exception):
    """The embedded database cannot be run here; the message says why and what to type."""
