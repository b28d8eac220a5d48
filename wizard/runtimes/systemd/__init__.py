"""The systemd adapter: units, their state, and which of them should listen on an address."""
