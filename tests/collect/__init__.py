"""ODK Collect's side of OpenRosa: filling forms, sending them, and a network that lets it down."""
