"""The flow language: what the YAML under `flows/` means. It knows probes only by a protocol."""
