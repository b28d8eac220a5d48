from __future__ import annotations

import threading
import time

from tests.engine.world import World
from wizard.model.events import Decided, Entered, Found, Looked


class TestTheWalk:
    def test_names_the_root_and_its_chain(self, world: World) -> None:
        ended = world.walk()
        assert ended.outcome == "cause"
        assert [verdict.cause for verdict in ended.verdicts] == ["stopped"]
        assert ended.verdicts[0].chain == ("stopped", "refused", "bad-gateway")
        assert ended.verdicts[0].proposals[0].text == "start a:1"

    def test_is_silent_when_the_answer_is_well(self, world: World) -> None:
        world.status = 200
        ended = world.walk()
        assert (ended.outcome, ended.verdicts) == ("healthy", ())

    def test_names_nothing_that_does_not_reach_the_symptom(self, world: World) -> None:
        """A stopped unit that is not the reason for this failure is no verdict."""
        world.dial["a:1"] = "connected"
        ended = world.walk()
        assert (ended.outcome, ended.verdicts) == ("unproven", ())

    def test_names_two_independent_causes(self, world: World) -> None:
        world.servers = ["a:1", "b:2"]
        world.unit["b:2"] = "failed"
        ended = world.walk()
        assert {(each.cause, each.subject) for each in ended.verdicts} == {
            ("stopped", "a:1"),
            ("crashed", "b:2"),
        }

    def test_does_not_mix_the_servers(self, world: World) -> None:
        """A server that is down does not explain the refusal of another one."""
        world.servers = ["a:1", "b:2"]
        world.unit = {"a:1": "inactive", "b:2": "active"}
        world.dial = {"a:1": "connected", "b:2": "refused"}
        ended = world.walk()
        assert ended.verdicts == ()
        assert ended.consequences == ("refused",)

    def test_finishes_a_step_for_all_servers_before_the_next(self, world: World) -> None:
        world.servers = ["a:1", "b:2"]
        world.walk()
        entered = [(e.step, e.scope) for e in world.events if isinstance(e, Entered)]
        assert entered == [
            ("whose", ""),
            ("service", "a:1"),
            ("service", "b:2"),
            ("connectivity", "a:1"),
            ("connectivity", "b:2"),
        ]

    def test_two_servers_of_one_name_stay_apart(self, world: World) -> None:
        world.servers = ["a:1", "a:1"]
        ended = world.walk()
        assert len(ended.verdicts) == 2

    def test_says_each_event_after_those_that_it_rests_on(self, world: World) -> None:
        world.walk()
        seen: set[str] = set()
        for event in world.events:
            if isinstance(event, Looked):
                assert set(event.evidence.rests_on) <= seen
                seen.add(event.evidence.id)
            if isinstance(event, Found):
                assert event.finding.evidence
                assert set(event.finding.evidence) <= seen


class TestWhatCannotBeSeen:
    def test_takes_the_unknown_edge_and_names_nothing(self, world: World) -> None:
        world.unit["a:1"] = None
        ended = world.walk()
        assert (ended.outcome, ended.verdicts) == ("unproven", ())
        decided = [e for e in world.events if isinstance(e, Decided) and "service" in e.node]
        assert (decided[0].outcome, decided[0].said) == ("unknown", "Not to be seen.")

    def test_says_what_would_settle_it_and_which_causes(self, world: World) -> None:
        world.unit["a:1"] = None
        ended = world.walk()
        assert [(each.settle_with, each.causes) for each in ended.untested] == [
            ("sudo look", ("crashed",))
        ]

    def test_is_not_healthy_when_the_front_is_not_known(self, world: World) -> None:
        world.status = None
        assert world.walk().outcome == "unproven"

    def test_a_probe_that_hangs_is_given_up_at_its_deadline(self, world: World) -> None:
        hold = threading.Event()
        world.during = lambda look: hold.wait(30) if look == "unit" else None
        begin = time.monotonic()
        ended = world.walk()
        hold.set()
        assert time.monotonic() - begin < 3
        assert ended.outcome == "unproven"
        hung = [e.evidence for e in world.events if isinstance(e, Looked)]
        assert [(e.status, e.reason) for e in hung if e.look == "unit"] == [
            ("unreadable", "no answer within 1 s")
        ]

    def test_a_probe_that_raises_is_evidence_of_its_own_failure(self, world: World) -> None:
        def break_down(look: str) -> None:
            if look == "dial":
                raise ZeroDivisionError("oh")

        world.during = break_down
        ended = world.walk()
        assert ended.outcome == "unproven"
        dial = [
            e.evidence for e in world.events if isinstance(e, Looked) and e.evidence.look == "dial"
        ]
        assert dial[0].status == "unreadable"
        assert "ZeroDivisionError: oh" in dial[0].reason


class TestConfidence:
    def test_two_kinds_that_agree_support(self, world: World) -> None:
        assert world.walk().verdicts[0].confidence == "supported"

    def test_a_control_confirms(self, world: World) -> None:
        world.unit["a:1"] = "works"
        verdict = world.walk().verdicts[0]
        assert verdict.confidence == "confirmed"
        assert "It works without it." in verdict.confidence_rule

    def test_one_kind_alone_is_a_suspicion(self, world: World) -> None:
        causes = """
causes:
  bad-gateway: {kind: symptom, title: It answers 502}
  refused: {title: Refused, explains: [bad-gateway]}
  stopped: {title: It is stopped, kind: consequence}
  crashed: {title: It crashed, kind: consequence}
"""
        assert world.walk(causes=causes).verdicts[0].confidence == "suspected"

    def test_what_disagrees_lowers_it(self, world: World) -> None:
        from tests.engine.world import CAUSES

        against = CAUSES.replace(
            "control: [", "against: [{when: {unit.works: true}, say: hm.}]\n    control: ["
        )
        world.unit["a:1"] = "works"
        assert world.walk(causes=against).verdicts[0].confidence == "suspected"


class TestLooking:
    def test_looks_that_need_nothing_of_each_other_run_side_by_side(self, world: World) -> None:
        both = threading.Barrier(2, timeout=5)
        world.during = lambda look: both.wait() if look in ("dial", "unit") else None
        assert world.walk().outcome == "cause"

    def test_a_look_is_made_once(self, world: World) -> None:
        made: list[str] = []
        world.during = made.append
        world.walk()
        assert sorted(made) == ["dial", "front", "route", "unit"]

    def test_text_from_outside_is_made_harmless(self, world: World) -> None:
        world.servers = ["a\x1b]52;c;x\x07:1"]
        world.walk()
        kept = [e.evidence for e in world.events if isinstance(e, Looked)]
        assert all("\x1b" not in str(e.facts) and "\x1b" not in e.scope for e in kept)


class TestRuledOut:
    def test_a_look_alike_is_ruled_out_with_its_evidence(self, world: World) -> None:
        ended = world.walk()
        assert [(each.cause, bool(each.evidence)) for each in ended.ruled_out] == [
            ("crashed", True)
        ]
