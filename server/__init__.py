"""The server floor: HTTP, commands, the store. It imports analysis and geo; they never import it."""
