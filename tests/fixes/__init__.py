"""Edits, diffs and their trial on a copy."""
