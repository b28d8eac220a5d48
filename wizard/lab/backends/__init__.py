"""Backends of the lab, copied onto its hosts."""
