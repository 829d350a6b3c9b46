"""Aggregates with differential privacy: questions that a year's budget pays for, and their noisy answers."""
