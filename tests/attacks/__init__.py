"""Attacks on what is published, each against the gate and against one that was weakened on purpose."""
