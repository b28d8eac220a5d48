"""Plain typed data: what the other layers pass to each other. No input or output happens here."""
