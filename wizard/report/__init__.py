"""Reports of a session: for programs (`json`), for a person (`text`), for a chat (`short`)."""
