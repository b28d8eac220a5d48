"""What a front end shows of a session, as small frozen rows of plain text.

Pure functions of the session (and of the knowledge, where its words are shown). Every string is
clean, without markup, and one line unless its docstring says otherwise; how it is laid out is
the front end's affair. The screen, the plain prompts and the transcript share them.
"""

from wizard.report.panels.causes import Cause, Ending, RuledOutRow, UntestedRow, verdict
from wizard.report.panels.decision import Because, Compared, Passed, because
from wizard.report.panels.error_rate import errors_per_minute, spark
from wizard.report.panels.fix import Card, cards
from wizard.report.panels.hop import Hop, hops
from wizard.report.panels.log_line import LogLine, log
from wizard.report.panels.moment import Moment, timeline
from wizard.report.panels.prevention import Precaution, precautions
from wizard.report.panels.route_row import RouteRow, route
from wizard.report.panels.server import Matrix, ServerRow, matrix
from wizard.report.panels.step import StepState, steps
from wizard.report.panels.way import Choice, choices, question

__all__ = [
    "Because",
    "Card",
    "Cause",
    "Choice",
    "Compared",
    "Ending",
    "Hop",
    "LogLine",
    "Matrix",
    "Moment",
    "Passed",
    "Precaution",
    "RouteRow",
    "RuledOutRow",
    "ServerRow",
    "StepState",
    "UntestedRow",
    "because",
    "cards",
    "choices",
    "errors_per_minute",
    "hops",
    "log",
    "matrix",
    "precautions",
    "question",
    "route",
    "spark",
    "steps",
    "timeline",
    "verdict",
]
