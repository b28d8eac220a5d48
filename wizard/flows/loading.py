"""Loads the knowledge: every file read, every name resolved, every mistake reported at once.

Reading the YAML costs a tenth of a second, so the result is kept in a cache file that
goes by the contents of all files; see `wizard.flows.cache`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.flows import cache, sources
from wizard.flows.model import Library
from wizard.flows.sources import File, Folder

if TYPE_CHECKING:
    from wizard.flows.facts import Catalogue


def load(
    catalogue: Catalogue | Callable[[], Catalogue],
    folders: Iterable[Folder] | None = None,
    kept: Path | None = None,
) -> Library:
    """Load the library, out of the cache file `kept` when the files are the same as then.

    The folders are the packaged, the site's and the user's unless given. Every file is read and
    checked anew unless `kept` is given (`cache.place()` is the usual one).

    Raises:
        FlowErrors: there are mistakes in the files.

    """
    files = sources.files(sources.folders() if folders is None else folders)
    digest = sources.digest(files)
    for path in (cache.prebuilt(), kept) if kept is not None else ():
        library = cache.read(path, digest)
        if library is not None:
            return library
    library = read(files, catalogue() if callable(catalogue) else catalogue, digest)
    if kept is not None:
        cache.write(kept, library)
    return library


def read(files: Iterable[File], catalogue: Catalogue, digest: str = "") -> Library:
    """Read and check the files.

    Raises:
        FlowErrors: there are mistakes in them.

    """
    from wizard.flows.causes import build_causes
    from wizard.flows.gathering import gather
    from wizard.flows.hosts import build_hosts
    from wizard.flows.links import link, node_ids, numbered
    from wizard.flows.looks import build_looks
    from wizard.flows.mistakes import FlowErrors, Mistakes
    from wizard.flows.names import Names
    from wizard.flows.nodes import build_flow
    from wizard.flows.prevention import build_preventions

    mistakes = Mistakes()
    raw = gather(files, mistakes)
    names = Names(raw.looks, raw.causes, catalogue, mistakes)
    looks = build_looks(names)
    causes = build_causes(names)
    hosts = build_hosts(names, raw.hosts)
    preventions = build_preventions(names, raw.preventions)
    built = {name: build_flow(names, name, item) for name, item in raw.flows.items()}
    flows = {name: flow for name, flow in built.items() if flow is not None}
    flows = link(flows, node_ids(raw.flows, mistakes), mistakes)
    flows = numbered(flows, mistakes)
    if mistakes.found:
        raise FlowErrors(mistakes.found)
    order = {node.key: node.order for flow in flows.values() for node in flow.nodes}
    return Library(
        looks=looks,
        flows=flows,
        causes=causes,
        preventions=preventions,
        hosts=hosts,
        digest=digest,
        order=order,
    )
