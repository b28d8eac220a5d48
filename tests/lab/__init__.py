"""Whole hosts, broken for real, and what the wizard says about them."""
