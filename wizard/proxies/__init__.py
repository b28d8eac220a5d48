"""Reverse proxies: one adapter each, behind the looks that `proxies.looks` declares."""
