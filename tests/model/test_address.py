"""What a person types as a URL becomes one that can be asked, or a sentence about what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.address import AddressError, parse


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("127.0.0.1", "http://127.0.0.1/"),
        ("localhost:8080", "http://localhost:8080/"),
        ("shop.example.com/x?y=1&z", "http://shop.example.com/x?y=1&z"),
        ("shop.example.com:443/x", "https://shop.example.com/x"),
        ("HTTPS://Shop.Example.COM:443/Path", "https://shop.example.com/Path"),
        ("http://shop.example.com:80", "http://shop.example.com/"),
        ("https://shop.example.com:8443?a=b", "https://shop.example.com:8443/?a=b"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("[2001:db8::1]", "http://[2001:db8::1]/"),
        ("http://shop.example.com/x#top", "http://shop.example.com/x"),
        ("http://münchen.example/ü", "http://xn--mnchen-3ya.example/%C3%BC"),
        ("http://my_app:3000/", "http://my_app:3000/"),
        ("  http://a/  ", "http://a/"),
        ("http://a/%20x%2F", "http://a/%20x%2F"),
        ("http://a/@me:1", "http://a/@me:1"),
    ],
)
def test_a_url_is_completed(typed: str, url: str) -> None:
    assert parse(typed).url == url


def test_a_user_name_and_password_are_left_out_and_said() -> None:
    address = parse("http://ops:hunter2@shop.example.com/x")
    assert address.url == "http://shop.example.com/x"
    assert address.left_out == "the user name and password"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "The URL is empty"),
        ("/x", "names no host. Write the whole URL, for example: http://127.0.0.1/x"),
        ("http://", "names no host"),
        ("http:///x", "names no host"),
        ("ftp://a/x", "only http:// and https://. Write http://a/x"),
        ("unix:///run/app.sock", "unix:// cannot be asked"),
        ("http:/shop.example.com/", "lacks a slash after http:. Write http://shop.example.com/"),
        ("http://a b/", "' ' at character 9"),
        ("http://a/\x1b[31m", "'\\x1b' at character 10"),
        ("http://a\\b/", "'\\\\' at character 9"),
        ("http://a:0/", "'0' in 'http://a:0/' is no port. A port is a number from 1 to 65535"),
        ("http://a:99999/", "is no port"),
        ("http://a:80x/", "is no port"),
        ("http://::1/", "Put it in brackets: http://[::1]/"),
        ("http://[::1/", "bracket that is not closed"),
        ("http://[::g]/", "is no IPv6 address"),
        ("http://1.2.3/", "is no IP address"),
        ("http://256.1.1.1/", "is no IP address"),
        ("http://*.example.com/", "stands for many hosts"),
        ("http://-a/", "is no host name"),
        ("http://a..b/", "is no host name"),
        ("http://a,b/", "is no host name"),
    ],
)
def test_what_cannot_be_asked_is_told_with_what_to_write(typed: str, says: str) -> None:
    with pytest.raises(AddressError) as refused:
        parse(typed)
    assert says in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_either_an_address_or_refused(typed: str) -> None:
    try:
        address = parse(typed)
    except AddressError:
        return
    assert parse(address.url) == address or address.left_out
    assert address.url.isascii()
