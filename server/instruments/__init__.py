"""Questionnaires as data: documents in YAML or XLSForm, checked, translated and versioned."""
