"""Stand-ins keep what a diagnosis needs of a network, and nothing of whose it is."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import msgspec
import pytest

from tests.engine.test_tapes import TAPES, recorded, tape_of, walked
from tests.sample import INCIDENT, events
from wizard.engine.journal import read
from wizard.model import network
from wizard.model.events import Noted, Started, encode
from wizard.model.network import Network
from wizard.model.session import fold


def stand_ins(text: str, *names: str) -> str:
    made = Network()
    made.learn([Noted(at=0.0, text=each, by="") for each in (text, *names)])
    return made.text(text)


def test_a_host_name_keeps_its_shape() -> None:
    assert stand_ins("http://shop.example.com:8080/a www.shop.example.com api.example.com") == (
        "http://host1.domain1.example:8080/a host2.host1.domain1.example host3.domain1.example"
    )


def test_names_of_files_and_units_that_hold_it_agree() -> None:
    text = (
        "/etc/nginx/sites-enabled/shop.example.com.conf shop.example.com.service "
        "/var/log/nginx/shop.example.com-error.log *.example.com ~^www\\.shop\\.example\\.com$"
    )
    assert stand_ins(text, "http://shop.example.com/") == (
        "/etc/nginx/sites-enabled/host1.domain1.example.conf host1.domain1.example.service "
        "/var/log/nginx/host1.domain1.example-error.log *.domain1.example "
        "~^host2\\.host1\\.domain1\\.example$"
    )


@pytest.mark.parametrize(
    "text",
    [
        "nginx.conf error.log app.py wsgi:app php8.2-fpm.sock index.html net.core.somaxconn",
        "server.local: yes; service.at is later; proxy.error_log",
        "127.0.0.1:3000 [::1]:80 0.0.0.0:443 :: fe80::1%eth0 192.0.2.7 203.0.113.9 2001:db8::5",
        "255.255.255.0 169.254.169.254 224.0.0.1 localhost:3000 host.docker.internal",
        "nginx/1.22.1 OpenSSL 3.0.2 Chrome/120.0.0.0 18:50:31 std::string aa:bb:cc:dd:ee:ff",
        "see https://nginx.org/en/docs/ and https://github.com/",
    ],
)
def test_what_belongs_to_nobody_stays(text: str) -> None:
    assert stand_ins(text) == text


def test_addresses_stay_in_their_networks() -> None:
    text = "10.8.3.17:80 10.8.3.18 10.8.4.17 192.168.7.9 172.20.1.2 93.184.216.34 93.184.216.35"
    made = [ipaddress.ip_address(each.split(":")[0]) for each in stand_ins(text).split()]
    assert str(made[0]).rpartition(".")[0] == str(made[1]).rpartition(".")[0]
    assert str(made[0]).rpartition(".")[0] != str(made[2]).rpartition(".")[0]
    assert made[3] in ipaddress.ip_network("192.168.0.0/16")
    assert made[4] in ipaddress.ip_network("172.16.0.0/12")
    assert made[5] in ipaddress.ip_network("198.18.0.0/15")
    assert str(made[5]).rpartition(".")[0] == str(made[6]).rpartition(".")[0]
    assert len(set(made)) == 7
    assert stand_ins(text).split()[0].endswith(":80")


def test_a_network_still_holds_its_addresses() -> None:
    words = stand_ins("10.8.0.0/16 10.8.3.17 10.9.1.1 172.16.0.0/12 10.0.0.0/8").split()
    net = ipaddress.ip_network(words[0])
    assert ipaddress.ip_address(words[1]) in net
    assert ipaddress.ip_address(words[2]) not in net
    assert words[3:] == ["172.16.0.0/12", "10.0.0.0/8"]


def test_ipv6_keeps_its_networks_too() -> None:
    first, second, other, local = stand_ins(
        "2a01:4f8:1:2::10 2a01:4f8:1:2::11 2a01:4f8:1:3::10 fd12:3456:789a:1::5"
    ).split()
    assert first != second
    assert first.rpartition("::")[0] == second.rpartition("::")[0] != other.rpartition("::")[0]
    assert ipaddress.ip_address(local) in ipaddress.ip_network("fd00::/8")


def test_a_plain_word_is_a_host_in_its_places_only() -> None:
    began = events(incident=msgspec.structs.replace(INCIDENT, host="gateway", hostname="gateway"))[
        0
    ]
    made = Network()
    made.learn([began])
    assert made.text("http://gateway:3000/ is what the gateway asks") == (
        "http://host1:3000/ is what the gateway asks"
    )
    assert made.text("Nov 21 03:15:07 gateway kernel: oom") == "Nov 21 03:15:07 host1 kernel: oom"
    told = made.event(began)
    assert isinstance(told, Started)
    assert (told.incident.host, told.incident.hostname) == ("host1", "host1")


def test_nothing_of_a_session_is_left() -> None:
    text = "\n".join(encode(each).decode() for each in network.masked(events()))
    assert "example.com" not in text
    assert "web1" not in text
    assert "127.0.0.1:3000" in text


@pytest.mark.parametrize("path", TAPES[::18], ids=lambda path: path.name.removesuffix(".tape.gz"))
def test_a_tape_with_stand_ins_has_the_same_verdict(path: Path) -> None:
    masked = fold(network.masked(read(path)))
    then = walked(recorded(path), tape_of(recorded(path).evidence_of_the_walk()))
    now = walked(masked, tape_of(masked.evidence_of_the_walk()))
    assert now.outcome == then.outcome
    assert [(each.cause, each.confidence, each.chain) for each in now.verdicts] == [
        (each.cause, each.confidence, each.chain) for each in then.verdicts
    ]
    text = "\n".join(encode(each).decode() for each in network.masked(read(path)))
    incident = recorded(path).incident
    assert incident is not None
    for name in {incident.host, incident.hostname} - {"127.0.0.1", "localhost"}:
        assert not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)
