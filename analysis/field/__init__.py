"""The Gaussian field behind audits: how cells differ, seen by auditors who differ too."""
