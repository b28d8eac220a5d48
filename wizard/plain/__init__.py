"""The same walk as numbered prompts: for screen readers, serial lines, pipes, small terminals."""
