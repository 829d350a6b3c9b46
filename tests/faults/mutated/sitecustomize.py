"""Loaded by every Python process of a mutated server before anything else."""

import os

from tests.faults.mutants import MUTANT, MUTANTS

MUTANTS[os.environ[MUTANT]]()
