"""Handshakes with real TLS servers whose certificates are made for the test."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

import pytest

from tests.probes.loopback import (
    answering,
    at,
    certificate,
    closing,
    full_queue,
    greeting,
    over_tls,
    resetting,
    route,
    serving,
    silent,
    unused_port,
)
from wizard.model.route import Route, Server
from wizard.probes.certificates import matches
from wizard.probes.handshake_facts import Handshake
from wizard.probes.tls import handshake

TLS_1_2 = ["TLSv1", "TLSv1.1", "TLSv1.2"]


def shake(server: Server, way: Route | None = None, timeout: float = 2.0) -> Handshake:
    sighting = handshake(server=server, route=way or route(), timeout=timeout)
    assert isinstance(sighting.facts, Handshake)
    assert sighting.command.startswith("openssl s_client")
    assert sighting.reading
    return sighting.facts


class TestTheCertificate:
    def test_names_dates_and_issuer_are_read(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "shop.example", "10.0.0.1", days=10).context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_name="shop.example"))
        assert (facts.outcome, facts.speaks_tls, facts.protocol) == ("completed", True, "TLSv1.3")
        assert facts.names == ["shop.example", "10.0.0.1"]
        assert facts.name_matches is True
        assert facts.days_left == pytest.approx(10, abs=0.1)
        assert facts.expires == pytest.approx(time.time() + 10 * 86400, abs=60)
        assert (facts.expired, facts.not_yet_valid, facts.self_signed) == (False, False, True)
        assert facts.issuer == "CN=backend"
        assert facts.client_certificate_wanted is False
        assert facts.trusted is None

    def test_one_that_expired(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "shop.example", days=-2).context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_name="shop.example"))
        assert (facts.outcome, facts.expired) == ("completed", True)
        assert facts.days_left == pytest.approx(-2, abs=0.1)

    def test_one_that_is_not_valid_yet(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "shop.example", since=3).context()
        with serving(over_tls(context, silent)) as running:
            assert shake(running.server("https")).not_yet_valid is True

    def test_one_for_another_name(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "other.example").context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_name="shop.example:8443"))
        assert (facts.wanted_name, facts.name_matches) == ("shop.example", False)

    def test_an_address_never_matches_an_address_entry_for_nginx(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "127.0.0.1").context()
        with serving(over_tls(context, silent)) as running:
            assert shake(running.server("https")).name_matches is False

    def test_the_common_name_counts_where_there_is_no_other(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, common_name="shop.example").context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_name="shop.example"))
        assert (facts.names, facts.name_matches) == (["shop.example"], True)


class TestTrust:
    def verified(self, trusted: Path, **fields: object) -> Route:
        return route(tls_verify=True, tls_trusted_certificate=str(trusted), **fields)

    def test_one_from_the_proxys_authority(self, tmp_path: Path) -> None:
        authority = certificate(tmp_path, common_name="authority")
        context = certificate(tmp_path, "shop.example", issuer=authority).context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), self.verified(authority.certificate))
        assert (facts.trusted, facts.trust_error, facts.self_signed) == (True, None, False)

    def test_one_from_another_authority(self, tmp_path: Path) -> None:
        authority = certificate(tmp_path, common_name="authority")
        context = certificate(tmp_path, "shop.example").context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), self.verified(authority.certificate))
        assert facts.trusted is False
        assert facts.trust_error == "self-signed certificate"
        assert facts.outcome == "completed"

    def test_an_expired_one_is_not_trusted(self, tmp_path: Path) -> None:
        authority = certificate(tmp_path, common_name="authority")
        context = certificate(tmp_path, "shop.example", issuer=authority, days=-1).context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), self.verified(authority.certificate))
        assert (facts.trusted, facts.trust_error) == (False, "certificate has expired")
        assert facts.expired is True

    def test_authorities_that_cannot_be_read_leave_it_unknown(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "shop.example").context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), self.verified(tmp_path / "missing.pem"))
        assert facts.trusted is None
        assert "missing.pem cannot be loaded" in (facts.trust_error or "")


class TestAFailingHandshake:
    def test_a_server_of_newer_versions_only(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "x").context(minimum_version=ssl.TLSVersion.TLSv1_3)
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_protocols=TLS_1_2))
        assert (facts.outcome, facts.alert) == ("alert", "protocol version")
        assert facts.unrestricted_protocol == "TLSv1.3"
        assert facts.speaks_tls is True

    def test_the_versions_of_the_proxy_are_kept(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "x").context()
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_protocols=TLS_1_2))
        assert (facts.outcome, facts.protocol) == ("completed", "TLSv1.2")

    def test_a_server_that_wants_a_name(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "shop.example").context()

        def insist(_socket: object, name: str | None, _context: object) -> int | None:
            return None if name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

        context.sni_callback = insist  # type: ignore[assignment]
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), route(tls_name="shop.example"))
        assert (facts.outcome, facts.alert) == ("alert", "unrecognized name")
        assert facts.completes_with_sni is True
        assert facts.name_that_helps == "shop.example"

    @pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_a_server_that_wants_a_client_certificate(
        self, tmp_path: Path, newest: ssl.TLSVersion
    ) -> None:
        pair = certificate(tmp_path, "x")
        context = pair.context(verify_mode=ssl.CERT_REQUIRED, maximum_version=newest)
        context.load_verify_locations(pair.certificate)
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"))
        assert facts.client_certificate_wanted is True
        assert facts.outcome == "alert"
        assert facts.alert in ("certificate required", "handshake failure")

    def test_a_server_that_only_asks_for_one(self, tmp_path: Path) -> None:
        pair = certificate(tmp_path, "x")
        context = pair.context(verify_mode=ssl.CERT_OPTIONAL)
        context.load_verify_locations(pair.certificate)
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"))
        assert (facts.outcome, facts.client_certificate_wanted) == ("completed", True)

    def test_no_ciphers_in_common(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "x").context(maximum_version=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # the key is an elliptic one
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"))
        assert (facts.outcome, facts.alert) == ("alert", "handshake failure")

    def test_the_ciphers_of_the_proxy_are_kept(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "x").context(maximum_version=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
        way = route(tls_ciphers="ECDHE-ECDSA-AES128-GCM-SHA256", tls_protocols=TLS_1_2)
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), way)
        assert (facts.outcome, facts.alert) == ("alert", "handshake failure")
        assert facts.unrestricted_cipher == "ECDHE-ECDSA-AES256-GCM-SHA384"
        assert facts.unrestricted_protocol is None

    def test_a_server_that_wants_the_name_of_the_request(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "shop.example").context()

        def insist(_socket: object, name: str | None, _context: object) -> int | None:
            known = name == "shop.example"
            return None if known else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

        context.sni_callback = insist  # type: ignore[assignment]
        way = route(tls_sni=True, tls_name="shop_pool", host_header="shop.example:8443")
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), way)
        assert (facts.alert, facts.name_that_helps) == ("unrecognized name", "shop.example")

    @pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_the_proxys_client_certificate_is_shown(
        self, tmp_path: Path, newest: ssl.TLSVersion
    ) -> None:
        authority = certificate(tmp_path, common_name="authority")
        client = certificate(tmp_path, "edge", issuer=authority)
        context = certificate(tmp_path, "x").context(
            verify_mode=ssl.CERT_REQUIRED, maximum_version=newest
        )
        context.load_verify_locations(authority.certificate)
        way = route(tls_client_certificate=str(client.certificate), tls_client_key=str(client.key))
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), way)
        assert (facts.outcome, facts.client_certificate_sent) == ("completed", True)

    def test_a_client_certificate_that_is_refused(self, tmp_path: Path) -> None:
        client = certificate(tmp_path, "edge")
        context = certificate(tmp_path, "x").context(verify_mode=ssl.CERT_REQUIRED)
        context.load_verify_locations(certificate(tmp_path, common_name="other").certificate)
        way = route(tls_client_certificate=str(client.certificate), tls_client_key=str(client.key))
        with serving(over_tls(context, silent)) as running:
            facts = shake(running.server("https"), way)
        assert (facts.outcome, facts.client_certificate_sent) == ("alert", True)
        assert facts.alert in ("unknown ca", "bad certificate", "certificate unknown")

    def test_a_client_key_that_may_not_be_read(self, tmp_path: Path) -> None:
        missing = str(tmp_path / "missing")
        context = certificate(tmp_path, "x").context()
        way = route(tls_client_certificate=missing, tls_client_key=missing)
        with serving(over_tls(context, silent)) as running:
            assert shake(running.server("https"), way).client_certificate_sent is False

    def test_plain_http_is_no_tls(self) -> None:
        with serving(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as running:
            facts = shake(running.server("https"))
        assert (facts.outcome, facts.speaks_tls) == ("not-tls", False)

    def test_a_banner_is_no_tls(self) -> None:
        with serving(greeting(b"SSH-2.0-OpenSSH_9.2p1\r\n")) as running:
            assert shake(running.server("https")).outcome == "not-tls"

    @pytest.mark.parametrize("handler", [closing, resetting])
    def test_a_closed_connection_says_nothing_about_tls(self, handler: object) -> None:
        with serving(handler) as running:  # type: ignore[arg-type]
            facts = shake(running.server("https"))
        assert (facts.outcome, facts.speaks_tls) == ("closed", None)

    def test_a_silent_server(self) -> None:
        with serving(silent) as running:
            facts = shake(running.server("https"), timeout=0.3)
        assert (facts.outcome, facts.speaks_tls) == ("timed-out", None)

    def test_no_connection(self) -> None:
        assert shake(at(unused_port(), scheme="https")).outcome == "not-connected"
        with full_queue() as listener:
            server = at(listener.getsockname()[1], scheme="https")
            assert shake(server, timeout=0.2).outcome == "not-connected"


@pytest.mark.parametrize("scheme", ["http", "fastcgi", "uwsgi"])
def test_a_route_without_tls_leaves_the_server_alone(scheme: str) -> None:
    met: list[bytes] = []
    with serving(answering(b"", met)) as running:
        sighting = handshake(server=running.server(scheme), route=route())
    assert sighting.status == "absent"
    assert sighting.facts == Handshake()
    assert met == []


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("shop.example", "SHOP.example", True),
        ("shop.example", "shop.example.", True),
        ("*.shop.example", "a.shop.example", True),
        ("*.shop.example", "a.b.shop.example", False),
        ("*.shop.example", "shop.example", False),
        ("*.example", "shop.example", False),
        ("a*.shop.example", "api.shop.example", True),
        ("a*.shop.example", "bpi.shop.example", False),
        ("*.*.example.org", "a.b.example.org", False),
        ("a.*.example.org", "a.b.example.org", False),
        ("x*.shop.example", "xn--bcher-kva.shop.example", False),
        ("*", "localhost", False),
        ("", "", True),
    ],
)
def test_a_name_matches_as_openssl_judges(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected
