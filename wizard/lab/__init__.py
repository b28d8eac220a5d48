"""Real Debian hosts, broken on purpose: for practice and for tests.

A host is a container that runs systemd, journald, nginx and a firewall of its own. It is made
from Debian's packages (`image`), started and spoken to through the docker command (`host`),
furnished with a site and the clutter of a machine that has been in use (`furnish`), and given a
read-only folder with the wizard in it (`package`).
"""
