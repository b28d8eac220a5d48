"""The knowledge, loaded: looks, flows with their nodes and rules, causes.

Everything is resolved and checked when one of these exists: a `goto` names a node of the library
(or `end`), a look's probe and parameters exist, a condition's facts exist and fit. Structs, so
that a whole library can be kept in a cache file and read back in a few milliseconds.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

import msgspec

from wizard.flows.conditions import Condition
from wizard.model.change import Change
from wizard.model.route import Place

Step = Literal["whose", "service", "connectivity", "logs", "configuration", "network"]
"""The first question and the five steps of the walk, in their order."""

STEPS: tuple[str, ...] = get_args(Step)

CauseKind = Literal["cause", "consequence", "symptom", "hop"]
"""`hop`: says which hop made the answer; its subject is the hop's name."""

_INTERRUPTS = re.compile(r"\b(restart|reload|stop|kill)\b[^;&|\n]*\{owner\.")

END = "end"
"""Where a `goto` leads that ends the walk."""


SYSTEM = "system"
"""The look that says what commands for this host depend on."""

EDIT = "edit"
"""The look that turns a proposal's changes into a diff."""

SHARING = "sharing"
"""The look for the other URLs that need a server's unit."""


class Known(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What every entry of the library has: the place where it is written."""

    place: Place


class Look(Known, frozen=True, kw_only=True):
    """A probe with parameters, under the name by which flows refer to it."""

    name: str
    use: str
    """The probe's name."""
    parameters: dict[str, Any] = {}
    """As written: `{path}` alone means the typed value, see `wizard.flows.templates.parameter`."""
    title: str = ""
    how: str = ""
    """For the learner: how to read it."""
    misleads: str = ""
    each: bool = False
    """Looked at once a server of the route; else once for the route."""
    demand: bool = False
    """Only when a node asks for it, never early."""
    needs: tuple[str, ...] = ()
    """Names of the looks that its parameters refer to."""


class Rule(Known, frozen=True, kw_only=True):
    """One outcome of a node: when it holds, what it finds, where it leads."""

    index: int
    """Counted from 1."""
    when: Condition | None = None
    """None for a node's last rule."""
    findings: tuple[str, ...] = ()
    """Cause ids."""
    subject: str = ""
    """Template; empty for the scope's name or the URL."""
    say: str = ""
    inward: str = ""
    """Path of the URL that a proxy behind this server is asked: its own walk is opened there."""
    instead: str = ""
    """Path of the server that is asked about as well, as if the proxy asked it."""
    goto: str
    """The key of a node (`flow/node`), or `end`."""


class Edge(Known, frozen=True, kw_only=True):
    """Where a node leads when what decides could not be looked at."""

    say: str = ""
    goto: str


class Node(Known, frozen=True, kw_only=True):
    """One question of the tree."""

    id: str
    flow: str
    key: str
    """`flow/id`."""
    formerly: tuple[str, ...] = ()
    step: Step
    ask: str
    """Template."""
    why: str = ""
    misleads: str = ""
    see: tuple[str, ...] = ()
    each: str | None = None
    """The path of the list that it is asked over, `route.servers`; None for once."""
    looks: tuple[str, ...] = ()
    """Looks wanted here; rules may refer to more, see `looks_of`."""
    rules: tuple[Rule, ...]
    unknown: Edge | None = None
    order: int = 0
    """Its number in the library; every `goto` leads to a greater one."""


class Control(Known, frozen=True, kw_only=True):
    """A condition that confirms a cause, or one that speaks against it."""

    when: Condition
    say: str


class ProposalTemplate(Known, frozen=True, kw_only=True):
    """Something a person may do about a cause, before the facts are filled in."""

    kind: Literal["command", "diff", "advice"]
    do: Literal["now", "lasting"] = "lasting"
    title: str
    text: str = ""
    changes: tuple[Change, ...] = ()
    """Their texts still have the holes for the facts."""
    then: str = ""
    """The command that makes an applied diff take effect."""
    looks: tuple[str, ...] = ()
    """Looks that are made for this proposal: a diagnosis without it does not need them."""
    instead: bool = False
    """Only where no proposal before it is a diff that can be shown."""
    needs: tuple[str, ...] = ()
    """Facts that must be known, else it is not offered."""
    when: Condition | None = None
    prefer: Condition | None = None
    """Where it holds, it comes before those for which none does."""
    because: tuple[Control, ...] = ()
    """Why it stands where it does; the first that holds is said."""
    verify: str = ""
    undo: str = ""
    touches: tuple[str, ...] = ()

    @property
    def interrupts_owner(self) -> bool:
        """It restarts, reloads, stops or ends the service behind the address."""
        commands = (self.text, self.then) if self.kind != "advice" else ()
        return any(_INTERRUPTS.search(each) for each in commands)


class PreventionTemplate(Known, frozen=True, kw_only=True):
    """Something that keeps faults away, before the facts are filled in."""

    id: str
    kind: Literal["code", "diff", "drop-in", "rules", "settings"]
    title: str
    reason: str
    text: str = ""
    changes: tuple[Change, ...] = ()
    where: str = ""
    file: str = ""
    put: str = ""
    """Path that the saved file gets; empty where a person has to place it."""
    append: bool = False
    """What `put` names is there already and is added to."""
    then: str = ""
    serves: tuple[str, ...] = ()
    """Causes against which it helps most."""
    steps: tuple[str, ...] = ()
    """Steps whose causes it helps against."""
    needs: tuple[str, ...] = ()
    when: Condition | None = None


class Cause(Known, frozen=True, kw_only=True):
    """A cause, a consequence or a symptom: what it means and what to do about it."""

    id: str
    title: str
    kind: CauseKind = "cause"
    statuses: tuple[int, ...] = ()
    step: Step | None = None
    explains: tuple[str, ...] = ()
    look_alikes: dict[str, str] = {}
    about: str = ""
    control: tuple[Control, ...] = ()
    against: tuple[Control, ...] = ()
    proposals: tuple[ProposalTemplate, ...] = ()
    verify: str = ""
    by_hand: tuple[str, ...] = ()
    proofs: dict[str, str] = {}
    """Names of tapes: `real`, `look_alike`, `healthy`."""
    unmended: str = ""
    """Why none of its proposals alone mends it; empty where the lab mends it by one."""
    prevent: tuple[str, ...] = ()
    see: tuple[str, ...] = ()


class Writing(Known, frozen=True, kw_only=True):
    """How commands are written on one kind of host; see `wizard.fixes.commands`."""

    name: str
    when: Condition
    instead: dict[str, str] = {}
    """Pattern to what is written for it; empty where nothing takes its place."""
    lacks: tuple[str, ...] = ()
    """Programs that are not there: a command of theirs without a pattern cannot be run."""
    ending: str = ""
    """What the names of services lose at their end."""


class Flow(Known, frozen=True, kw_only=True):
    """A tree of questions with one first node."""

    id: str
    title: str
    about: str = ""
    nodes: tuple[Node, ...]


class Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All the knowledge of one run."""

    looks: dict[str, Look]
    flows: dict[str, Flow]
    causes: dict[str, Cause]
    hosts: tuple[Writing, ...] = ()
    preventions: dict[str, PreventionTemplate] = {}
    digest: str
    """Of the contents of all files that it was read from."""
    order: dict[str, int]
    """Node key to number; every `goto` leads to a greater one."""

    def node(self, key: str) -> Node:
        """The node of a key `flow/id`.

        Raises:
            KeyError: there is none.
        """
        flow, _, name = key.partition("/")
        for node in self.flows[flow].nodes:
            if node.id == name:
                return node
        raise KeyError(key)
