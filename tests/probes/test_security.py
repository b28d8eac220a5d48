"""Lines of SELinux and AppArmor, as their documentation and bug reports have them."""

from __future__ import annotations

from wizard.model.route import Server
from wizard.probes.security import about, denials_in

APP = Server(name="127.0.0.1:8080", host="127.0.0.1", port=8080)
SOCKET = Server(name="unix:/run/app/app.sock", path="/run/app/app.sock")
CONNECT = (
    "type=AVC msg=audit(1415715270.766:31): avc:  denied  { name_connect } for  pid=11245 "
    'comm="nginx" dest=8080 scontext=system_u:system_r:httpd_t:s0 '
    "tcontext=system_u:object_r:http_cache_port_t:s0 tclass=tcp_socket"
)
CONNECT_TO = (
    "audit: type=1400 audit(1500000000.001:7): avc:  denied  { connectto } for  pid=2884 "
    'comm="nginx" path="/run/app/app.sock" scontext=system_u:system_r:httpd_t:s0 '
    "tcontext=system_u:system_r:initrc_t:s0 tclass=unix_stream_socket permissive=0"
)
APPARMOR = (
    '[  77.123456] audit: type=1400 audit(1500000000.391:140): apparmor="DENIED" '
    'operation="connect" profile="/usr/sbin/nginx" name="/run/app/app.sock" pid=812 '
    'comm="nginx" requested_mask="wr" denied_mask="wr" fsuid=33 ouid=0'
)
APPARMOR_NETWORK = (
    'audit: type=1400 audit(1500000000.391:141): apparmor="DENIED" operation="create" '
    'profile="nginx" pid=812 comm="nginx" family="inet" sock_type="stream" protocol=0 '
    'requested_mask="create" denied_mask="create"'
)


def test_a_port_that_the_policy_does_not_know() -> None:
    facts = about(denials_in([CONNECT]), APP, "nginx", 1415715270.0)
    assert (facts.count, facts.tool, facts.action) == (1, "selinux", "name_connect")
    assert (facts.label, facts.for_request, facts.recent) == ("http_cache_port_t", True, False)


def test_a_unix_socket_by_its_path_or_by_its_name_alone() -> None:
    by_name = CONNECT_TO.replace('path="/run/app/app.sock"', 'name="app.sock" dev="tmpfs"')
    for line in (CONNECT_TO, by_name):
        assert about(denials_in([line]), SOCKET, "nginx", None).count == 1


def test_apparmor_names_the_profile() -> None:
    facts = about(denials_in([APPARMOR]), SOCKET, "nginx", None)
    assert (facts.tool, facts.profile, facts.action) == ("apparmor", "/usr/sbin/nginx", "connect")
    assert about(denials_in([APPARMOR_NETWORK]), APP, "nginx", None).count == 1


def test_other_programs_and_other_servers_are_not_ours() -> None:
    assert about(denials_in([CONNECT]), APP, "httpd", None).count == 0
    assert about(denials_in([CONNECT, APPARMOR]), SOCKET, "nginx", None).count == 1
    assert about(denials_in([APPARMOR]), APP, "nginx", None).count == 0


def test_what_was_only_told_denied_nothing() -> None:
    lines = [
        f"{CONNECT} permissive=1",
        APPARMOR_NETWORK.replace("DENIED", "ALLOWED"),
    ]
    facts = about(denials_in(lines), APP, "nginx", None)
    assert (facts.count, facts.only_told, facts.tool) == (0, 2, None)


def test_other_lines_say_nothing() -> None:
    lines = ["type=USER_LOGIN msg=audit(1.0:1): pid=9 res=success", 'x apparmor="STATUS" y', ""]
    assert denials_in(lines) == []
