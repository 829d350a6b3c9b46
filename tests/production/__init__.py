"""The path of docs/production.md, walked on a machine of its own."""
