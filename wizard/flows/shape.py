"""Which keys each entry of the YAML has and what stands under them.

One table for both the loader and the JSON Schema for editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wizard.flows.model import STEPS
from wizard.model.change import LANGUAGES

Kind = Literal[
    "text",
    "template",
    "texts",  # one text or a list of them
    "templates",  # the same with facts
    "numbers",
    "flag",
    "choice",
    "names",  # one id or a list of them
    "condition",
    "parameters",  # a probe's parameters
    "notes",  # name: text
    "over",  # {server: path}
    "scope",  # the word `server`
    "edge",  # a goto, or say and goto
    "entries",  # a list of mappings of one shape
]


@dataclass(frozen=True)
class Key:
    """What stands under one key."""

    kind: Kind
    about: str
    required: bool = False
    choices: tuple[str, ...] = ()
    of: Mapping[str, Key] | None = None
    """The shape of each of the entries."""
    many: bool = False
    """At least one entry is needed."""


Shape: TypeAlias = Mapping[str, Key]

LOOK: Shape = {
    "use": Key("text", "The probe that looks.", required=True),
    "with": Key("parameters", "The probe's parameters; `{look.field}` passes a fact on."),
    "each": Key("scope", "Look once a server of the route."),
    "title": Key("text", "What is looked at, in a few words."),
    "how": Key("text", "For the learner: how to read what it shows."),
    "misleads": Key("text", "When it shows something that is not so."),
    "demand": Key("flag", "Only when a node asks for it, never early."),
}

RULE: Shape = {
    "when": Key("condition", "When the rule holds; the last rule has none."),
    "finding": Key("names", "The cause or causes that it names."),
    "subject": Key("template", "What the finding is about; the server or the URL when left out."),
    "say": Key("template", "The sentence for a person.", required=True),
    "inward": Key("text", "A fact: the URL of a proxy behind this server, walked from the start."),
    "instead": Key("text", "A fact: the server that the backend's questions are asked of too."),
    "goto": Key(
        "text",
        "A later node of this flow, another flow, `flow/node`, or `end`.",
        required=True,
    ),
}

EDGE: Shape = {
    "say": Key("template", "The sentence for a person."),
    "goto": Key("text", "Where the walk goes on.", required=True),
}

NODE: Shape = {
    "id": Key("text", "Its name, unique in the flow and stable.", required=True),
    "formerly": Key("texts", "Names that it had before."),
    "step": Key("choice", "The step that it belongs to.", required=True, choices=STEPS),
    "ask": Key("template", "The question.", required=True),
    "why": Key("text", "For the learner: why it is asked."),
    "misleads": Key("text", "When the answer is not what it seems."),
    "see": Key("texts", "Addresses of references."),
    "each": Key("over", "Ask once for each element of a list: `{server: route.servers}`."),
    "looks": Key("names", "The looks wanted here; others are fetched when a rule needs them."),
    "rules": Key(
        "entries", "Ordered; the first that holds wins.", required=True, of=RULE, many=True
    ),
    "unknown": Key("edge", "Taken when what decides could not be looked at."),
}

FLOW: Shape = {
    "flow": Key("text", "The flow's name.", required=True),
    "title": Key("text", "What it finds out.", required=True),
    "about": Key("text", "A longer text."),
    "nodes": Key("entries", "The questions, in order.", required=True, of=NODE, many=True),
}

EXTENSION: Shape = {
    "extends": Key("text", "The flow whose nodes are replaced or added to.", required=True),
    "title": Key("text", "A new title."),
    "about": Key("text", "A new longer text."),
    "nodes": Key("entries", "A known id replaces, a new one comes last.", required=True, of=NODE),
}

CONTROL: Shape = {
    "when": Key("condition", "When it holds.", required=True),
    "say": Key("template", "The sentence for a person.", required=True),
}

CHANGE: Shape = {
    "language": Key("choice", "What it is written in; nginx's own if left out.", choices=LANGUAGES),
    "file": Key("template", "The file, as a fact names it."),
    "unit": Key("template", "Or the systemd unit, whose file is found."),
    "line": Key("template", "Its line: of the directive, or where the block begins."),
    "replace": Key("template", "This text in the arguments of the directive."),
    "set": Key("template", "The directive of the block to be given other arguments, or added."),
    "add": Key("template", "A further directive for the block, beside those of the same name."),
    "remove": Key("template", "The directive to be taken out."),
    "above": Key("template", "Lines to stand before the block that begins on the line."),
    "option": Key("text", "The option of the unit's command, with its other spellings."),
    "to": Key("template", "The new text or arguments."),
    "within": Key("template", "The block's own name where several begin on the line; a section."),
    "block": Key(
        "choice",
        "`to` is a whole block: the last of the block on the line, or before that one.",
        choices=("last", "before"),
    ),
}

PROPOSAL: Shape = {
    "kind": Key("choice", "What it is.", required=True, choices=("command", "diff", "advice")),
    "do": Key("choice", "At once, or for good (the default).", choices=("now", "lasting")),
    "title": Key("template", "What it does, in a few words.", required=True),
    "text": Key("template", "The command, the edit or the advice."),
    "changes": Key("entries", "Of a diff: the edits of the proxy's files.", of=CHANGE),
    "then": Key("template", "Of a diff: the command after it, a reload."),
    "looks": Key("names", "Looks that are made for this proposal, where the walk needed none."),
    "instead": Key("flag", "Only where no proposal before it is a diff that can be shown."),
    "needs": Key("texts", "Facts that must be known, else it is not offered."),
    "when": Key("condition", "When it is offered."),
    "prefer": Key("condition", "When it comes before the others of its kind of time."),
    "because": Key(
        "entries", "Why before or after the others; the first that holds is said.", of=CONTROL
    ),
    "verify": Key("template", "How to see that it worked."),
    "undo": Key("template", "How to take it back."),
    "touches": Key("templates", "What it restarts, interrupts or changes for others."),
}

PREVENTION: Shape = {
    "kind": Key(
        "choice",
        "What it is.",
        required=True,
        choices=("code", "diff", "drop-in", "rules", "settings"),
    ),
    "title": Key("template", "What it is, in a few words.", required=True),
    "reason": Key("template", "Why it is worth the trouble, in one sentence.", required=True),
    "text": Key("template", "The file's content, or what is added to it."),
    "changes": Key("entries", "Of a diff: the edits of the proxy's files.", of=CHANGE),
    "where": Key("template", "Where it belongs, in a sentence."),
    "file": Key("text", "The name under which it is saved."),
    "put": Key("template", "The path that it gets; without it a person has to place it."),
    "append": Key("flag", "What `put` names is there already and is added to."),
    "then": Key("template", "The command that makes it take effect."),
    "serves": Key("names", "Causes against which it helps most: shown first for them."),
    "steps": Key(
        "names",
        "Steps whose causes it helps against: shown next. With neither it helps against any.",
    ),
    "needs": Key("texts", "Facts that must be known, else it is not offered."),
    "when": Key("condition", "When it is offered."),
}

CAUSE: Shape = {
    "title": Key("text", "The cause in a few words.", required=True),
    "kind": Key(
        "choice",
        "A root cause (the default), what follows from one, or what a client sees.",
        choices=("cause", "consequence", "symptom", "hop"),
    ),
    "statuses": Key("numbers", "Statuses that it shows as."),
    "step": Key("choice", "The step that it belongs to.", choices=STEPS),
    "explains": Key("names", "Causes that follow from this one."),
    "look_alikes": Key("notes", "What it is taken for, and how to tell."),
    "about": Key("text", "For the learner: what it is and how it comes about."),
    "control": Key("entries", "What turns supported into confirmed.", of=CONTROL),
    "against": Key("entries", "Evidence that disagrees.", of=CONTROL),
    "proposals": Key("entries", "What to do about it.", of=PROPOSAL),
    "verify": Key("template", "How to see that it is gone."),
    "by_hand": Key("texts", "Commands with which a person sees it without the wizard."),
    "proofs": Key(
        "notes",
        "Tapes: of a host that has it (`real`), of one that is easily taken for "
        "it (`look_alike`), of a well one (`healthy`).",
    ),
    "unmended": Key(
        "text", "Why none of its proposals alone can mend it; else a case of the lab `mends` it."
    ),
    "prevent": Key("texts", "How to keep it from coming back."),
    "see": Key("texts", "Addresses of references."),
}

HOST: Shape = {
    "when": Key("condition", "On which hosts commands are written so.", required=True),
    "instead": Key("notes", "Pattern of a command: what is written for it; empty: left out."),
    "lacks": Key("texts", "Programs that are not there."),
    "ending": Key("text", "What the names of services lose at their end: `.service`."),
}

PARTS: Mapping[str, Shape] = {
    "looks": LOOK,
    "causes": CAUSE,
    "preventions": PREVENTION,
    "hosts": HOST,
}
"""Files that hold entries by name, by their only top-level key."""
