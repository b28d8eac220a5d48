"""The look that turns the changes of a proposal into a diff that was tried on a copy."""

from __future__ import annotations

from wizard.fixes.facts import Edited
from wizard.model.change import Change
from wizard.model.evidence import Sighting
from wizard.probes.declare import probe
from wizard.proxies.facts import Instance

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


PROBES = (edit,)
