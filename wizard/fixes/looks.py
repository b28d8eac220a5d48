"""The look that turns the changes of a proposal into a diff that was tried on a copy."""

from __future__ import annotations

from wizard.fixes.facts import Edited, Sharing
from wizard.model.change import Change
from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes.declare import probe
from wizard.probes.sockets.facts import Table
from wizard.proxies.facts import Instance
from wizard.runtimes.facts import Owner

__all__ = ["PROBES", "Edited", "edit"]


@probe(
    "proxy.edit", kind="config", facts=Edited, deadline=30,
    touches="a copy of the proxy's files in a private folder, removed at once",
)  # fmt: skip
def edit(
    *, instance: Instance, url: str | None = None, changes: list[Change] | None = None
) -> Sighting:
    """Make the changes in a copy of the files, check it, and show what differs."""
    from wizard.fixes import editing

    return editing.edited(instance, url, changes or [])


@probe("proxy.sharing", kind="config", facts=Sharing, deadline=10)
def share(
    *, instance: Instance, server: Server, owner: Owner, table: Table, url: str | None = None
) -> Sighting:
    """Find the other URLs of the proxy that a restart of the server's unit concerns."""
    from wizard.fixes import sharing

    return sharing.by_unit(instance, url, server, owner, table)


PROBES = (edit, share)
