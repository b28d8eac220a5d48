"""The way to a server: the route, the next machine's link address, and what gets lost."""

from __future__ import annotations

from wizard.probes.network.crowd import ports
from wizard.probes.network.neighbour import neighbour
from wizard.probes.network.route import route
from wizard.probes.network.segments import segments
from wizard.probes.network.tries import tries

PROBES = (route, neighbour, tries, ports, segments)
