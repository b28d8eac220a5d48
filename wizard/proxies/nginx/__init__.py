"""nginx: found in the process table, its files read as nginx reads them, its logs understood."""
