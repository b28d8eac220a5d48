"""Which rules are in force: the kernel is asked what there is, then only the needed programs."""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.model.text import decode
from wizard.probes import run
from wizard.probes.firewall import iptables, kernel, netlink, nftables
from wizard.probes.firewall.rules import Table

_SECONDS = 1.5
_RAW_LIMIT = 20_000


class Rules(msgspec.Struct):
    """The tables in force, and what could not be read of them."""

    tables: list[Table] = []
    raw: list[str] = []
    programs: list[str] = []
    """The programs that hold rules: `iptables`, `nft`."""
    unread: list[str] = []
    """`table inet site (nft is not installed)`."""

    @property
    def text(self) -> str:
        """What was read, bounded."""
        return "\n".join(self.raw)[:_RAW_LIMIT]


def read(families: set[Literal[4, 6]]) -> Rules:
    """The rules that packets of these families meet.

    Raises:
        PermissionError: only root may read them.
        OSError: the kernel could not be asked.
    """
    rules = Rules()
    _read_old(rules, families)
    if kernel_tables := netlink.nft_tables():
        _read_nft(rules, families, kernel_tables)
    return rules


def _program(family: Literal[4, 6], variant: str = "") -> str:
    return ("iptables" if family == 4 else "ip6tables") + variant


def _saved(family: Literal[4, 6], *, legacy: bool) -> tuple[str, str] | None:
    """The program that edits the wanted variant's rules, and what its `-save` prints."""
    for variant in ("", "-legacy" if legacy else "-nft"):
        program = _program(family, variant)
        done = run.run([f"{program}-save", "-c"], timeout=_SECONDS)
        if not done.ok:
            continue
        text = decode(done.out)
        if text and ("(nf_tables)" in text) != legacy:
            return program, text
    return None


def _read_old(rules: Rules, families: set[Literal[4, 6]]) -> None:
    for family in sorted(families):
        if not kernel.has_old_tables(family):
            continue
        found = _saved(family, legacy=True)
        if found is None:
            rules.unread.append(f"{_program(family)} tables (iptables-save cannot read them)")
            continue
        program, text = found
        rules.tables += iptables.parse(text, program)
        rules.raw.append(text)
        rules.programs.append(program)


def _read_nft(
    rules: Rules, families: set[Literal[4, 6]], kernel_tables: list[tuple[str, str]]
) -> None:
    wanted = {"inet", "netdev"} | {"ip" if family == 4 else "ip6" for family in families}
    relevant = [(family, name) for family, name in kernel_tables if family in wanted]
    if not relevant:
        return
    listed = run.run(["nft", "-j", "-a", "list", "ruleset"], timeout=_SECONDS)
    saved: list[Table] = []
    if not listed.ok or nftables.has_iptables(listed.out):
        for family in sorted(families):
            found = _saved(family, legacy=False)
            if found is not None:
                saved += iptables.parse(found[1], found[0])
                rules.raw.append(found[1])
                rules.programs.append(found[0])
    if listed.ok and not listed.cut:
        text = decode(run.run(["nft", "-a", "list", "ruleset"], timeout=_SECONDS).out)
        try:
            rules.tables += nftables.parse(listed.out, text, saved)
        except ValueError:
            listed_well = False
        else:
            listed_well = True
        rules.raw.append(text)
        rules.programs.append("nft")
        if listed_well:
            return
    why = "nft is not installed" if listed.missing else "nft could not list it"
    rules.tables += saved
    known = {(table.family, table.name) for table in saved}
    rules.unread += [
        f"table {family} {name} ({why})" for family, name in relevant if (family, name) not in known
    ]
