"""Gateway Wizard: why a site behind a reverse proxy answers 502, with the proof and the fix."""

__version__ = "0.1.0"
