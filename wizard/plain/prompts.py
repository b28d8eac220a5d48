"""The walk at a prompt: the same investigation as every front end drives, one line at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wizard import output
from wizard.engine import watching
from wizard.engine.investigation import Investigation
from wizard.front_end import LEFT_EARLY, Setup, status
from wizard.model.events import Entered, Event, Looked
from wizard.model.session import Session, after
from wizard.model.text import one_line
from wizard.plain import looking_up, pasting, telling
from wizard.plain.console import Console, Left
from wizard.plain.words import WORDS, Command, number, read
from wizard.report import again, farewell, panels, script
from wizard.report.panels.fix import Card


def run(setup: Setup) -> int:
    """Walk to the end of the input or until the person leaves; the exit status."""
    walk = _Walk(setup, Console())
    interrupted = False
    try:
        walk.go()
    except Left:
        pass
    except KeyboardInterrupt:
        interrupted = True
    output.page("\n" + walk.farewell())
    return LEFT_EARLY if interrupted else status(walk.session)


class _Walk:
    """One walk with one person."""

    def __init__(self, setup: Setup, console: Console) -> None:
        self.session: Session = setup.as_left() if setup.before else Session()
        self._setup = setup
        self._console = console
        self._auto = setup.auto
        self._concluded = False
        """Nothing was decided since the verdict."""
        self._told: set[str] = set()
        """Evidence told at the open question."""
        self._investigation: Investigation | None = None
        self._commands: dict[str, Callable[[str], bool]] = {
            "b": self._back,
            "r": self._look_again,
            "s": self._look_again_at_the_stale,
            "a": self._walk_on,
            "j": self._jump,
            "e": self._evidence,
            "l": self._learn,
            "p": self._paste,
            "n": self._note,
            "v": self._verify,
            "w": self._watch,
            "c": self._card,
            "k": self._precaution,
            "t": self._transcript,
            "?": self._help,
        }

    @property
    def _walk(self) -> Investigation:
        if self._investigation is None:
            raise RuntimeError("the walk has not begun")
        return self._investigation

    def go(self) -> None:
        """Walk, asking the person where they want to be asked.

        Raises:
            Left: there is nobody to answer any more, or they want to leave.
        """
        console = self._console
        console.say(f"wizard: {self._setup.incident.url}")
        for sentence in self._setup.recorded:
            console.say(sentence)
        console.say("It looks and changes nothing. At a prompt ? shows what can be typed.")
        self._investigation = self._setup.open(self._heard)
        self._setup.begin(self._walk)
        if self._setup.before:
            telling.tell_resumed(console, self.session)
            if self.session.conclusion is not None and self._walk.here is None:
                self._concluded = True
                telling.tell_verdict(console, self.session)
        while True:
            if self._walk.here is None:
                self._conclude()
                self._prompt("What next? (? for help)", [])
                continue
            self._told.clear()
            decided = self._walk.ask()
            telling.tell_decision(console, decided, self.session, self._told)
            if self._auto:
                self._walk.follow()
                continue
            ways = panels.choices(
                self._walk.library, decided, self._walk.ways(), session=self.session
            )
            telling.tell_choices(console, ways)
            many = f"1-{len(ways)}" if len(ways) > 1 else "1"
            self._prompt(f"Which way? ({many}, Enter takes 1, ? for help)", list(ways))

    def farewell(self) -> str:
        """What stays in the terminal; the proposals stand in it already."""
        return farewell.render(
            self.session, self._setup.again(), self._setup.folder(), proposals=False
        )

    def _heard(self, event: Event) -> None:
        self.session = after(self.session, event)
        if isinstance(event, Entered):
            telling.tell_question(self._console, event)
        elif isinstance(event, Looked):
            self._told.add(event.evidence.id)
            telling.tell_look(self._console, event.evidence, self.session)

    def _conclude(self) -> None:
        if not self._concluded:
            self._walk.conclude()
            self._concluded = True
            telling.tell_verdict(self._console, self.session)

    def _prompt(self, question: str, ways: list[panels.Choice]) -> None:
        """Ask until the walk is to go on."""
        self._console.say()
        while not self._do(read(self._console.ask(question)), ways):
            pass

    def _do(self, command: Command, ways: list[panels.Choice]) -> bool:
        """Do what was typed; True when the walk is to go on."""
        if command.letter == "q":
            raise Left
        if command.letter in ("", "#"):
            return self._take(number(command.rest) if command.letter else 1, ways)
        if command.letter == "!":
            self._console.say(f"{one_line(command.rest, 60)!r} is nothing to type here. ? helps.")
            return False
        return self._commands[command.letter](command.rest)

    def _take(self, wanted: int | None, ways: list[panels.Choice]) -> bool:
        if not ways:
            self._console.say("No question is open: b goes back, j jumps, q leaves.")
            return False
        if wanted is None or not 1 <= wanted <= len(ways):
            self._console.say(f"There are {len(ways)} ways on: type a number from 1.")
            return False
        self._walk.follow(ways[wanted - 1].goto, by=self._setup.by)
        return self._changed()

    def _changed(self) -> bool:
        self._concluded = False
        return True

    def _back(self, rest: str) -> bool:
        if not self._walk.back(by=self._setup.by):
            self._console.say("This is the first question.")
            return False
        self._auto = False
        return self._changed()

    def _look_again(self, rest: str) -> bool:
        if self._walk.here is None:
            self._console.say("No question is open: b goes back to the last one.")
            return False
        self._walk.look_again(by=self._setup.by)
        return self._changed()

    def _look_again_at_the_stale(self, rest: str) -> bool:
        if not self._walk.look_again_at_the_stale(by=self._setup.by):
            self._console.say("Nothing here is stale.")
            return False
        return self._changed()

    def _walk_on(self, rest: str) -> bool:
        self._auto = True
        if self._walk.here is None:
            self._console.say("The walk is at its end.")
            return False
        self._walk.follow()
        return self._changed()

    def _jump(self, rest: str) -> bool:
        library = self._walk.library
        keys = looking_up.questions(library)
        if not rest:
            looking_up.tell_questions(self._console, library, self.session)
            rest = self._console.ask("Which question? (a number, Enter for none)")
        wanted = number(rest)
        if rest in keys:
            wanted = keys.index(rest) + 1
        if wanted is None or not 1 <= wanted <= len(keys):
            self._console.say("Not jumped: j and a number of the list goes there.")
            return False
        self._auto = False
        self._walk.jump(keys[wanted - 1], by=self._setup.by)
        return self._changed()

    def _evidence(self, rest: str) -> bool:
        looking_up.tell_evidence(self._console, self.session, rest)
        return False

    def _learn(self, rest: str) -> bool:
        walk = self._walk
        looking_up.tell_lesson(self._console, walk.library, self.session, walk.node)
        return False

    def _paste(self, rest: str) -> bool:
        pasted = pasting.paste(self._console, self._walk, rest, self._setup.by)
        if pasted:
            self._auto = False
            self._changed()
        return pasted

    def _note(self, rest: str) -> bool:
        text = rest or self._console.ask("Note:")
        if text:
            self._walk.note(text, by=self._setup.by)
        self._console.say("Noted." if text else "Nothing noted.")
        return False

    def _verify(self, rest: str) -> bool:
        verified = self._walk.verify()
        before, now = verified.before or "no answer", verified.after or "no answer"
        self._console.item("  Before: ", before)
        self._console.item("  Now: ", now)
        self._console.say("  It answers well now." if verified.mended else "  Not mended yet.")
        return False

    def _watch(self, rest: str) -> bool:
        if self._setup.tape:
            self._console.say("A recorded session has no site that could be watched.")
            return False
        try:
            limit = watching.limit(rest or "60s")
        except watching.LimitError as wrong:
            self._console.say(str(wrong))
            return False
        self._console.say("  Asking again and again; Ctrl-C ends it with the count so far.")
        watched = self._walk.watch(limit, lambda count: None, lambda: False, self._setup.by)
        self._console.say(f"  {again.watched(watched)}")
        return False

    def _card(self, rest: str) -> bool:
        wanted = number(rest)
        if wanted is None:
            looking_up.tell_cards(self._console, self.session)
            return False
        card = next((each for each in panels.cards(self.session) if each.number == wanted), None)
        if card is None:
            self._console.say(f"There is no proposal {wanted}. c alone lists them.")
            return False
        telling.tell_card(self._console, card)
        self._save(card)
        return False

    def _precaution(self, rest: str) -> bool:
        wanted = number(rest)
        if wanted is None:
            looking_up.tell_precautions(self._console, self.session)
            return False
        offered = panels.precautions(self.session)
        each = next((one for one in offered if one.number == wanted), None)
        if each is None:
            self._console.say(f"There is no number {wanted}. k alone lists them.")
            return False
        looking_up.tell_precaution(self._console, each)
        self._keep(each.file, f"{each.text}\n", f"prevention {each.number} ({each.title})")
        return False

    def _transcript(self, rest: str) -> bool:
        from wizard.report.document.forms import NAMES, file_name, written

        events = self._setup.trail.events()
        if not rest:
            output.page("".join(written("text", events)))
            return False
        form = next((each for each in NAMES if each == rest.lower()), None)
        if form is None:
            self._console.say(f"There is no form {one_line(rest, 40)!r}: {', '.join(NAMES)}.")
            return False
        text = "".join(written(form, events))
        self._saved(self._setup.trail.keep_new(file_name(form), text), NAMES[form])
        return False

    def _save(self, card: Card) -> None:
        what = f"fix {card.number}"
        self._keep(script.name(card), script.content(card), what, card.title)

    def _keep(self, name: str, text: str, what: str, proposal: str = "") -> None:
        self._saved(self._setup.trail.keep(name, text), what, proposal)

    def _saved(self, path: Path | None, what: str, proposal: str = "") -> None:
        """Say where it lies, and keep that it was taken out of the session."""
        self._console.say("  Saved as:" if path else "  It could not be saved.")
        if path:
            self._console.verbatim(str(path))
            self._walk.copied(what, f"the file {path.name}", proposal, by=self._setup.by)

    def _help(self, rest: str) -> bool:
        self._console.item("  Enter  ", "takes the recommended way")
        self._console.item("  1, 2 ... ", "takes that way")
        for letter, (word, meaning) in WORDS.items():
            self._console.item(f"  {letter}, {word}: ", meaning)
        return False
