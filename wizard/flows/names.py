"""All names of a library while it is being read, and what they are checked against."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.flows.document import Item
from wizard.flows.entries import Entry, items, read_entry, text
from wizard.flows.facts import Catalogue, Vocabulary
from wizard.flows.mistakes import Mistakes, did_you_mean
from wizard.flows.phrases import Context
from wizard.flows.shape import LOOK


class Names:
    """The looks, the causes and the probes that entries may refer to."""

    def __init__(
        self,
        looks: Mapping[str, Item],
        causes: Mapping[str, Item],
        catalogue: Catalogue,
        mistakes: Mistakes,
    ) -> None:
        """Read the looks' keys; everything else refers to them."""
        self.mistakes = mistakes
        self.catalogue = catalogue
        self.look_items = looks
        self.looks: dict[str, Entry] = {
            name: entry
            for name, item in looks.items()
            if (entry := read_entry(item, LOOK, f"look `{name}`", mistakes)) is not None
        }
        self.causes = causes
        self.vocabulary = Vocabulary(
            {name: text(entry, "use") for name, entry in self.looks.items()},
            frozenset(name for name, entry in self.looks.items() if "each" in entry),
            catalogue,
        )

    def context(self, has_server: bool) -> Context:
        """Give the context in which conditions and templates are read."""
        return Context(self.vocabulary, self.mistakes, has_server)

    def check_causes(self, entry: Entry, key: str) -> None:
        """Note names of causes that do not exist."""
        for item in items(entry, key):
            if item.value not in self.causes:
                hint = did_you_mean(item.value, self.causes)
                self.mistakes.add(item.place, f"unknown cause `{item.value}`", hint)


def check_templates(entry: Entry, context: Context, *keys: str) -> None:
    """Check the templates under some keys of an entry."""
    for key in keys:
        if key in entry:
            item = entry[key]
            for each in item.value if isinstance(item.value, list) else [item]:
                context.template(each.value, each.place)


def check_commands(entry: Entry, context: Context, *keys: str) -> None:
    """Check the templates of commands under some keys of an entry."""
    for key in keys:
        if key in entry:
            context.command(entry[key].value, entry[key].place)
