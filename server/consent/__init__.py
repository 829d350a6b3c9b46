"""What residents agree to: one text per language, a version, approved by the city."""
