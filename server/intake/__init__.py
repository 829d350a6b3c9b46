"""What an audit must be before it is kept: parsed, checked, placed, and known again when resent."""
