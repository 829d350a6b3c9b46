"""What may be shown to whom: the one place that constructs publishable layers and released rows."""
