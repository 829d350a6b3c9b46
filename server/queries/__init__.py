"""All SQL, one module per noun. Queries never commit: the caller owns the transaction."""
