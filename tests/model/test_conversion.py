from __future__ import annotations

import subprocess
import sys

STRESS = """
import sys, threading
import msgspec
from wizard.model.conversion import convert
sys.setswitchinterval(1e-6)
SOURCE = '''
class Place(msgspec.Struct): file: str; line: int
class Server(msgspec.Struct): name: str; place: Place | None = None
class Route(msgspec.Struct): servers: list[Server] = []
'''
PLAIN = {"servers": [{"name": "x", "place": {"file": "a", "line": 1}}]}
for _ in range(400):
    made = {"msgspec": msgspec}
    exec(SOURCE, made)
    start = threading.Barrier(4)
    def learn():
        start.wait()
        convert(PLAIN, made["Route"])
    threads = [threading.Thread(target=learn) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
"""


def test_threads_may_learn_a_type_at_once() -> None:
    """Without the lock this ends in a segmentation fault within a few hundred turns."""
    done = subprocess.run([sys.executable, "-c", STRESS], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
