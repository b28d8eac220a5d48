"""What owns a backend: a systemd unit, a bare process; one adapter each."""
