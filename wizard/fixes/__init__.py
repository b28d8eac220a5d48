"""Fixes that change a file: edits by splice, shown as diffs, tried on a copy."""
