"""Sessions that were kept: finding them again, reading them, going on writing in one."""
