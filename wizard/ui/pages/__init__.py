"""What stands on the screens: pure functions from what is known to rows of text."""
