"""Backups in three parts, data, keys and files, and how they come back (docs/beheer/backup.md)."""
