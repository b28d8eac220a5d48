"""Rule sets with the verdict that each gives, to be compared with a real connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Case:
    """Rules as shell commands, and what they do to www-data's connection to the server."""

    name: str
    rules: str
    verdict: Literal["accept", "drop", "reject"] | None
    host: str = "127.0.0.1"
    port: int = 3000
    user: str | None = "www-data"
    rule: str | None = None
    """Part of the rule that is to be shown."""
    direction: str | None = None
    tool: str | None = None
    remote: bool = False
    """The server stands behind a device."""
    listener_uid: int = 0


def nft(body: str) -> str:
    return f"nft -f - <<'END'\n{body}\nEND"


REPLIES = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"

# `IPT` is played as iptables-nft and as iptables-legacy.
BOTH_VARIANTS = (
    Case("nothing-that-matches", "IPT -A INPUT -p tcp --dport 22 -j DROP", "accept"),
    Case("drop-port", "IPT -A INPUT -p tcp --dport 3000 -j DROP", "drop", direction="in",
         rule="-A INPUT -p tcp -m tcp --dport 3000 -j DROP", tool="iptables"),
    Case("drop-out", "IPT -A OUTPUT -p tcp --dport 3000 -j DROP", "drop", direction="out"),
    Case("reject-port", "IPT -A INPUT -p tcp --dport 3000 -j REJECT", "reject"),
    Case("reject-reset", "IPT -A INPUT -p tcp --dport 3000 -j REJECT --reject-with tcp-reset",
         "reject"),
    Case("reject-out", "IPT -A OUTPUT -p tcp --dport 3000 -j REJECT", "reject"),
    Case("reject-out-host-unreachable",
         "IPT -A OUTPUT -d 127.0.0.9 -j REJECT --reject-with icmp-host-unreachable", "reject",
         host="127.0.0.9"),
    Case("drop-answer", "IPT -A INPUT -p tcp --sport 3000 -j DROP", "drop", direction="reply"),
    Case("drop-answer-out", "IPT -A OUTPUT -p tcp --sport 3000 -j DROP", "drop",
         direction="reply"),
    Case("reject-answer", "IPT -A INPUT -p tcp --sport 3000 -j REJECT", "drop",
         direction="reply"),
    Case("reset-has-no-ack", "IPT -A INPUT -d 127.0.0.1 -p tcp --dport 3000 ! --syn -j REJECT "
         "--reject-with tcp-reset\nIPT -A INPUT -p tcp --tcp-flags ACK,RST ACK,RST -j DROP",
         "reject"),
    Case("reset-of-data", "IPT -A INPUT -p tcp --sport 3000 --tcp-flags SYN,ACK ACK -j REJECT "
         "--reject-with tcp-reset", None),
    Case("drop-syn-ack",
         "IPT -A OUTPUT -p tcp --tcp-flags SYN,ACK SYN,ACK -j DROP", "drop", direction="reply"),
    Case("syn-only", "IPT -A INPUT -p tcp --dport 3000 --syn -j DROP", "drop"),
    Case("not-syn", "IPT -A INPUT -p tcp --dport 3000 ! --syn -j DROP", "drop", direction="in"),
    Case("established-rejected", "IPT -A INPUT -p tcp --dport 3000 -m conntrack "
         "--ctstate ESTABLISHED -j REJECT", "reject", direction="in"),
    Case("established-rejected-out", "IPT -A OUTPUT -p tcp --dport 3000 -m conntrack "
         "! --ctstate NEW -j REJECT", "reject", direction="out", host="10.9.0.2", remote=True),
    Case("owner-of-proxy",
         "IPT -A OUTPUT -p tcp --dport 3000 -m owner --uid-owner www-data -j DROP", "drop"),
    Case("owner-of-other",
         "IPT -A OUTPUT -p tcp --dport 3000 -m owner --uid-owner root -j DROP", "accept"),
    Case("only-one-owner-may",
         "IPT -A OUTPUT -p tcp --dport 3000 -m owner ! --uid-owner root -j REJECT", "reject"),
    Case("owner-range",
         "IPT -A OUTPUT -p tcp --dport 3000 -m owner --uid-owner 30-40 -j DROP", "drop"),
    Case("owner-unknown-user", "IPT -A OUTPUT -p tcp --dport 3000 -m owner --uid-owner 33 -j DROP",
         None, user=None),
    Case("owner-of-the-server", "IPT -A OUTPUT -m owner --uid-owner 65534 -j DROP", "drop",
         listener_uid=65534, direction="reply"),
    Case("multiport", "IPT -A INPUT -p tcp -m multiport --dports 80,443,2990:3010 -j DROP",
         "drop"),
    Case("multiport-other", "IPT -A INPUT -p tcp -m multiport --dports 80,443 -j DROP", "accept"),
    Case("multiport-negated", "IPT -A INPUT -p tcp -m multiport ! --dports 80,443 -m conntrack "
         "--ctstate NEW -j DROP", "drop"),
    Case("port-range", "IPT -A INPUT -p tcp --dport 2000:2999 -j DROP", "accept"),
    Case("negated-port", "IPT -A INPUT -p tcp --syn ! --dport 3000 -j DROP", "accept"),
    Case("source-port-range", "IPT -A INPUT -p tcp --dport 3000 --sport 1024:65535 -j DROP",
         "drop"),
    Case("from-elsewhere", "IPT -A INPUT ! -i lo -p tcp --dport 3000 -j DROP", "accept"),
    Case("by-loopback", "IPT -A INPUT -i lo -p tcp --dport 3000 -j DROP", "drop"),
    Case("device-wildcard", "IPT -A INPUT -i l+ -p tcp --dport 3000 -j DROP", "drop"),
    Case("out-by-other-device", "IPT -A OUTPUT -o eth0 -j DROP", "accept"),
    Case("source-network", "IPT -A INPUT -s 127.0.0.0/8 -p tcp --dport 3000 -j DROP", "drop"),
    Case("source-not-network", "IPT -A INPUT ! -s 127.0.0.0/8 -j DROP", "accept"),
    Case("destination-other", "IPT -A OUTPUT -d 10.0.0.0/8 -j DROP", "accept"),
    Case("other-protocol", "IPT -A INPUT -p udp --dport 3000 -j DROP", "accept"),
    Case("earlier-accept", "IPT -A INPUT -p tcp --dport 3000 -j ACCEPT\nIPT -A INPUT -j DROP",
         "drop", direction="reply"),
    Case("earlier-accept-and-replies", "IPT -A INPUT -p tcp --dport 3000 -j ACCEPT\n"
         f"IPT -A INPUT {REPLIES}\nIPT -A INPUT -j DROP", "accept"),
    Case("policy-drop", "IPT -P INPUT DROP", "drop", rule="-P INPUT DROP"),
    Case("policy-drop-with-loopback", "IPT -P INPUT DROP\nIPT -A INPUT -i lo -j ACCEPT", "accept"),
    Case("policy-drop-with-replies",
         f"IPT -P INPUT DROP\nIPT -A INPUT {REPLIES}", "drop", direction="in"),
    Case("policy-drop-reply-missing",
         "IPT -P OUTPUT DROP\nIPT -A OUTPUT -p tcp --dport 3000 -j ACCEPT", "drop",
         direction="reply"),
    Case("policy-drop-both-open", "IPT -P OUTPUT DROP\nIPT -P INPUT DROP\n"
         f"IPT -A OUTPUT {REPLIES}\nIPT -A INPUT {REPLIES}\n"
         "IPT -A OUTPUT -p tcp --dport 3000 -m conntrack --ctstate NEW -j ACCEPT\n"
         "IPT -A INPUT -p tcp --dport 3000 -m conntrack --ctstate NEW -j ACCEPT", "accept"),
    Case("only-new-may-leave", "IPT -P OUTPUT DROP\n"
         "IPT -A OUTPUT -p tcp --dport 3000 -m state --state NEW -j ACCEPT\n"
         "IPT -A OUTPUT -p tcp --sport 3000 -j ACCEPT", "drop", direction="out"),
    Case("refusal-cannot-return", "IPT -P INPUT DROP\nIPT -A INPUT -p tcp -j ACCEPT\n"
         "IPT -A OUTPUT -p tcp --dport 3000 -j REJECT", "drop", rule="REJECT"),
    Case("reset-returns", "IPT -P INPUT DROP\nIPT -A INPUT -p tcp -j ACCEPT\n"
         "IPT -A OUTPUT -p tcp --dport 3000 -j REJECT --reject-with tcp-reset", "reject"),
    Case("related-lets-refusal-return", "IPT -P INPUT DROP\n"
         "IPT -A INPUT -m conntrack --ctstate RELATED -j ACCEPT\n"
         "IPT -A INPUT -p tcp --dport 3000 -j REJECT", "reject"),
    Case("icmp-lets-refusal-return", "IPT -P INPUT DROP\n"
         "IPT -A INPUT -p icmp --icmp-type 3 -j ACCEPT\n"
         "IPT -A INPUT -p tcp --dport 3000 -j REJECT", "reject"),
    Case("chain-return", "IPT -N app\nIPT -A app -s 127.0.0.1 -j RETURN\nIPT -A app -j DROP\n"
         "IPT -A INPUT -p tcp --dport 3000 -j app", "accept"),
    Case("chain-drop", "IPT -N app\nIPT -A app -s 10.0.0.1 -j RETURN\nIPT -A app -j DROP\n"
         "IPT -A INPUT -p tcp --dport 3000 -j app", "drop", rule="-A app -j DROP"),
    Case("chain-goto", "IPT -N a\nIPT -N b\nIPT -A a -g b\nIPT -A a -j DROP\nIPT -A b -j RETURN\n"
         "IPT -A INPUT -p tcp --dport 3000 -j a\nIPT -A INPUT -p tcp --dport 3000 -j REJECT",
         "reject"),
    Case("chain-goto-ends-outer", "IPT -N a\nIPT -A a -j RETURN\n"
         "IPT -A INPUT -p tcp --dport 3000 -g a\nIPT -A INPUT -p tcp --dport 3000 -j DROP",
         "accept"),
    Case("log-goes-on", "IPT -A INPUT -p tcp --dport 3000 -j LOG\n"
         "IPT -A INPUT -p tcp --dport 3000 -j DROP", "drop"),
    Case("comment", "IPT -A INPUT -p tcp --dport 3000 -m comment --comment \"it's -j ACCEPT\" "
         "-j DROP", "drop"),
    Case("state-invalid", "IPT -A INPUT -m state --state INVALID -j DROP", "accept"),
    Case("state-new", "IPT -A INPUT -p tcp -m state --state NEW -j REJECT", "reject"),
    Case("address-type-local", "IPT -A OUTPUT -p tcp --dport 3000 -m addrtype --dst-type LOCAL "
         "-j DROP", "drop"),
    Case("address-type-unicast", "IPT -A OUTPUT -m addrtype --dst-type UNICAST -j DROP",
         "accept"),
    Case("address-range", "IPT -A INPUT -p tcp --dport 3000 -m iprange "
         "--src-range 127.0.0.1-127.0.0.9 -j DROP", "drop"),
    Case("mark-set-and-dropped", "IPT -t mangle -A OUTPUT -p tcp --dport 3000 -j MARK "
         "--set-mark 7\nIPT -A INPUT -m mark --mark 7 -j DROP", "drop"),
    Case("mark-not-set", "IPT -A OUTPUT -m mark --mark 1 -j DROP", "accept"),
    Case("mangle-drop", "IPT -t mangle -A POSTROUTING -p tcp --dport 3000 -j DROP", "drop",
         rule="-A POSTROUTING"),
    Case("raw-drop", "IPT -t raw -A PREROUTING -p tcp --dport 3000 -j DROP", "drop"),
    Case("security-drop", "IPT -t security -A INPUT -p tcp --dport 3000 -j DROP", "drop"),
    Case("notrack", "IPT -t raw -A OUTPUT -p tcp --dport 3000 -j CT --notrack\n"
         "IPT -A INPUT -p tcp --dport 3000 -m conntrack --ctstate NEW -j DROP", "accept"),
    Case("untracked-dropped", "IPT -t raw -A OUTPUT -p tcp --dport 3000 -j NOTRACK\n"
         "IPT -A INPUT -m conntrack --ctstate UNTRACKED -j DROP", "drop"),
    Case("redirect", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT --to-ports 3001\n"
         "IPT -A INPUT -p tcp --dport 3000 -j DROP", "accept"),
    Case("redirect-into-drop", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT "
         "--to-ports 3001\nIPT -A OUTPUT -p tcp --dport 3001 -j DROP", "drop"),
    Case("snat-refusal-restored", "IPT -t nat -A POSTROUTING -p tcp --dport 3000 -j SNAT "
         "--to-source 127.0.0.7\nIPT -A INPUT -p tcp --dport 3000 -j REJECT\n"
         "IPT -A INPUT ! -d 127.0.0.7 -j DROP", "drop", rule="REJECT"),
    Case("redirect-refusal-port", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT "
         "--to-ports 3001\nIPT -A OUTPUT -p tcp --sport 3001 -j DROP\n"
         "IPT -A OUTPUT -p tcp --dport 3001 -j REJECT --reject-with tcp-reset", "drop",
         rule="REJECT"),
    Case("redirect-answer", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT "
         "--to-ports 3001\nIPT -A INPUT -p tcp --sport 3000 -j DROP", "drop", direction="reply"),
    Case("redirect-answer-real-port", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT "
         "--to-ports 3001\nIPT -A OUTPUT -p tcp --sport 3001 -j DROP", "drop",
         direction="reply"),
    Case("redirect-answer-restored", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT "
         "--to-ports 3001\nIPT -A INPUT -p tcp --sport 3001 -j DROP", "accept"),
    Case("dnat-address", "IPT -t nat -A OUTPUT -d 10.5.5.5 -p tcp --dport 80 -j DNAT "
         "--to-destination 127.0.0.1:3000\nip route add local 10.5.5.5 dev lo", "accept",
         host="10.5.5.5", port=80),
    Case("dnat-address-dropped", "IPT -t nat -A OUTPUT -d 127.0.0.5 -p tcp --dport 80 -j DNAT "
         "--to-destination 127.0.0.1:3000\nIPT -A INPUT -d 127.0.0.1 -p tcp --dport 3000 -j DROP",
         "drop", host="127.0.0.5", port=80),
    Case("dnat-state", "IPT -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT --to-ports 3001\n"
         "IPT -A INPUT -m conntrack --ctstate DNAT -j DROP", "drop"),
    Case("prerouting-nat-not-asked", "IPT -t nat -A PREROUTING -p tcp --dport 3000 -j REDIRECT "
         "--to-ports 9", "accept"),
    Case("snat", "IPT -t nat -A POSTROUTING -p tcp --dport 3000 -j SNAT --to-source 127.0.0.7\n"
         "IPT -A INPUT -s 127.0.0.7 -p tcp --dport 3000 -j DROP", "drop"),
    Case("snat-answer", "IPT -t nat -A POSTROUTING -p tcp --dport 3000 -j SNAT --to-source "
         "127.0.0.7\nIPT -A OUTPUT -p tcp --sport 3000 -d 127.0.0.7 -j DROP", "accept"),
    Case("snat-answer-original", "IPT -t nat -A POSTROUTING -p tcp --dport 3000 -j SNAT "
         "--to-source 127.0.0.7\nIPT -A OUTPUT -p tcp --sport 3000 -d 127.0.0.1 -j DROP", "drop",
         direction="reply"),
    Case("limit-cannot-be-judged", "IPT -A INPUT -p tcp --dport 3000 -m limit --limit 1/s "
         "-j ACCEPT\nIPT -A INPUT -p tcp --dport 3000 -j DROP", None),
    Case("limit-agrees", "IPT -A INPUT -p tcp --dport 3000 -m limit --limit 1/s -j DROP\n"
         "IPT -A INPUT -p tcp --dport 3000 -j DROP", "drop"),
    Case("limited-log", "IPT -A INPUT -m limit --limit 1/s -j LOG", "accept"),
    Case("limit-elsewhere", "IPT -A INPUT -p tcp --dport 22 -m limit --limit 1/s -j DROP",
         "accept"),
    Case("random", "IPT -A INPUT -p tcp --dport 3000 -m statistic --mode random "
         "--probability 0.5 -j DROP", None),
    Case("recent", "IPT -A INPUT -p tcp --dport 3000 -m recent --name x --update --seconds 5 "
         "-j DROP", None),
    Case("own-address", "ip addr add 192.0.2.1/32 dev lo\n"
         "IPT -A INPUT -s 192.0.2.1 -i lo -p tcp --dport 3000 -j DROP", "drop", host="192.0.2.1"),
    Case("remote-open", f"IPT -P INPUT DROP\nIPT -A INPUT {REPLIES}", "accept", host="10.9.0.2",
         remote=True),
    Case("remote-dropped-out", "IPT -A OUTPUT -o wan -d 10.9.0.0/24 -p tcp --dport 3000 -j DROP",
         "drop", host="10.9.0.2", remote=True, direction="out"),
    Case("remote-rejected-out", "IPT -A OUTPUT -d 10.9.0.2 -p tcp -j REJECT", "reject",
         host="10.9.0.2", remote=True),
    Case("remote-rejected-by-reset", "IPT -A OUTPUT -d 10.9.0.2 -p tcp -j REJECT "
         "--reject-with tcp-reset", "reject", host="10.9.0.2", remote=True),
    Case("remote-answer-dropped", "IPT -P INPUT DROP\nIPT -A INPUT -i lo -j ACCEPT", "drop",
         host="10.9.0.2", remote=True, direction="reply"),
    Case("remote-rejected-policy", "IPT -P INPUT DROP\nIPT -A OUTPUT -d 10.9.0.2 -j REJECT",
         "drop", host="10.9.0.2", remote=True),
    Case("remote-input-rule-for-clients", "IPT -A INPUT -i wan -p tcp --dport 3000 -j DROP",
         "accept", host="10.9.0.2", remote=True),
    Case("remote-by-dnat", "IPT -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport 80 -j DNAT "
         "--to-destination 10.9.0.2:3000\n"
         "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet\n"
         "IPT -t nat -A POSTROUTING -o wan -j MASQUERADE\n"
         "IPT -A OUTPUT -d 10.9.0.2 -p tcp --dport 3000 -j REJECT", "reject", port=80,
         remote=True),
    Case("dnat-without-a-way", "IPT -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport 80 -j DNAT "
         "--to-destination 10.9.0.2:3000\nIPT -A OUTPUT -d 10.9.0.2 -j REJECT", "drop", port=80,
         remote=True, rule="DNAT"),
    Case("published-container-port", "ip addr add 192.0.2.1/32 dev lo\nIPT -t nat -N DOCKER\n"
         "IPT -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n"
         "IPT -t nat -A DOCKER -i docker0 -j RETURN\n"
         "IPT -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT "
         "--to-destination 10.9.0.2:3000\nIPT -t nat -A POSTROUTING -o wan -j MASQUERADE\n"
         "IPT -A OUTPUT -d 10.9.0.2 -p tcp --dport 3000 -j REJECT", "reject", host="192.0.2.1",
         port=8080, remote=True),
    Case("published-port-open", "ip addr add 192.0.2.1/32 dev lo\nIPT -t nat -N DOCKER\n"
         "IPT -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n"
         "IPT -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT "
         "--to-destination 10.9.0.2:3000\nIPT -t nat -A POSTROUTING -o wan -j MASQUERADE",
         "accept", host="192.0.2.1", port=8080, remote=True),
    Case("cluster-guard", "IPT -A INPUT ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "
         "'block incoming localnet connections' -m conntrack ! --ctstate "
         "RELATED,ESTABLISHED,DNAT -j DROP", "accept"),
    Case("remote-masqueraded", "IPT -t nat -A POSTROUTING -o wan -j MASQUERADE\n"
         f"IPT -P INPUT DROP\nIPT -A INPUT {REPLIES}", "accept", host="10.9.0.2", remote=True),
    Case("remote-to-local-by-dnat", "IPT -t nat -A OUTPUT -d 10.9.0.2 -p tcp -j DNAT "
         "--to-destination 127.0.0.1:3001\nIPT -A INPUT -i lo -p tcp --dport 3001 -j DROP",
         "drop", host="10.9.0.2", remote=True, direction="in"),
    Case("remote-address-type-after-dnat", "IPT -t nat -A OUTPUT -d 10.9.0.2 -p tcp -j DNAT "
         "--to-destination 127.0.0.1:3001\nIPT -A OUTPUT -p tcp --dport 3001 -m addrtype "
         "--dst-type LOCAL -j REJECT", "reject", host="10.9.0.2", remote=True),
    Case("remote-device-after-dnat", "IPT -t nat -A OUTPUT -d 10.9.0.2 -p tcp -j DNAT "
         "--to-destination 127.0.0.1:3001\nIPT -A OUTPUT -o wan -p tcp --dport 3001 -j DROP",
         "drop", host="10.9.0.2", remote=True, direction="out"),
)  # fmt: skip

ONLY_NFT = (
    Case("ip6-drop", "ip6tables -A INPUT -p tcp --dport 3000 -j DROP", "drop", host="::1",
         rule="-A INPUT -p tcp -m tcp --dport 3000 -j DROP"),
    Case("ip6-legacy-drop", "ip6tables-legacy -w -A INPUT -p tcp --dport 3000 -j DROP", "drop",
         host="::1"),
    Case("ip6-reject", "ip6tables -A INPUT -p tcp --dport 3000 -j REJECT", "reject", host="::1"),
    Case("ip6-prohibited", "ip6tables -A OUTPUT -d ::1 -p tcp -j REJECT "
         "--reject-with icmp6-adm-prohibited", "reject", host="::1"),
    Case("ip6-refusal-dropped", "ip6tables -P INPUT DROP\nip6tables -A INPUT -p tcp -j REJECT",
         "drop", host="::1"),
    Case("ip6-refusal-by-icmp", "ip6tables -P INPUT DROP\n"
         "ip6tables -A INPUT -p ipv6-icmp --icmpv6-type 1 -j ACCEPT\n"
         "ip6tables -A INPUT -p tcp -j REJECT", "reject", host="::1"),
    Case("ip6-rules-leave-ip4", "ip6tables -P INPUT DROP", "accept"),
    Case("ip4-rules-leave-ip6", "iptables -P INPUT DROP", "accept", host="::1"),
    Case("ip6-established-rejected", "ip6tables -A INPUT -p tcp --dport 3000 -m conntrack "
         "--ctstate ESTABLISHED -j REJECT", "reject", host="::1"),
    Case("ip6-owner", "ip6tables -A OUTPUT -p tcp --dport 3000 -m owner --uid-owner 33 -j DROP",
         "drop", host="::1"),
    Case("ip6-redirect", "ip6tables -t nat -A OUTPUT -p tcp --dport 80 -j DNAT "
         "--to-destination [::1]:3001\nip6tables -A INPUT -p tcp --dport 3001 -j DROP", "drop",
         host="::1", port=80),
    Case("ip6-remote", "ip6tables -A OUTPUT -d fd00:9::/64 -p tcp --dport 3000 -j REJECT",
         "reject", host="fd00:9::2", remote=True),
    Case("both-variants", "iptables -A INPUT -p tcp --dport 22 -j DROP\n"
         "iptables-legacy -w -A OUTPUT -p tcp --dport 3000 -j DROP", "drop",
         rule="-A OUTPUT -p tcp -m tcp --dport 3000 -j DROP"),
    Case("nft-added-to-an-iptables-table", "iptables -A INPUT -p tcp --dport 22 -j DROP\n"
         "nft add rule ip filter INPUT tcp dport '{ 80, 90 }' drop", "accept"),
    Case("nft-added-drop", "iptables -A INPUT -p tcp --dport 22 -m owner --socket-exists -j DROP"
         " || iptables -A INPUT -p tcp --dport 22 -j DROP\n"
         "nft add rule ip filter INPUT tcp dport '{ 80, 3000 }' counter drop", "drop", tool="nft",
         rule="tcp dport { 80, 3000 }"),
    Case("nft-drop", nft("table inet f {\n chain i {\n type filter hook input priority 0;\n"
         "tcp dport 3000 drop\n }\n }"), "drop", tool="nft", rule="tcp dport 3000 drop",
         direction="in"),
    Case("nft-drop-ip6", nft("table inet f {\n chain i {\n type filter hook input priority 0;\n"
         "tcp dport 3000 drop\n }\n }"), "drop", host="::1"),
    Case("nft-lowercase-ip", nft("table ip filter {\n chain input {\n"
         "type filter hook input priority 0;\n ip saddr 127.0.0.1 tcp dport 3000 reject\n }\n }"),
         "reject", tool="nft"),
    Case("nft-policy", nft("table inet f {\n chain i {\n type filter hook input priority 0; "
         "policy drop;\n ct state established,related accept\n tcp dport { 22, 80 } accept\n }\n"
         "}"), "drop", rule="policy drop"),
    Case("nft-policy-open", nft("table inet f {\n chain i {\n type filter hook input priority 0; "
         "policy drop;\n ct state established,related accept\n tcp dport { 22, 2999-3001 } accept"
         "\n }\n }"), "accept"),
    Case("nft-loopback", nft("table inet f {\n chain i {\n type filter hook input priority 0; "
         "policy drop;\n iif lo accept\n }\n }"), "accept"),
    Case("nft-device-names", nft("table inet f {\n chain i {\n type filter hook input priority 0;"
         "\n iifname != { \"lo\", \"eth0\" } drop\n iifname \"l*\" tcp dport 3000 drop\n }\n }"),
         "drop", rule='iifname "l*"'),
    Case("nft-no-device-in-output", nft("table inet f {\n chain o {\n"
         "type filter hook output priority 0;\n iifname != \"lo\" tcp dport 3000 drop\n }\n }"),
         "drop"),
    Case("nft-accept-is-not-final", nft("table inet a {\n chain i {\n"
         "type filter hook input priority -10;\n tcp dport 3000 accept\n }\n }\n"
         "table inet b {\n chain i {\n type filter hook input priority 10;\n"
         "tcp dport 3000 drop\n }\n }"), "drop", rule="tcp dport 3000 drop"),
    Case("nft-later-hooked-first", nft("table inet a {\n chain i {\n"
         "type filter hook input priority 0;\n tcp dport 3000 drop\n }\n }\n"
         "table inet b {\n chain i {\n type filter hook input priority 0;\n"
         "tcp dport 3000 reject\n }\n }"), "reject"),
    Case("nft-named-set", nft("table inet f {\n set p {\n type inet_service\n flags interval\n"
         "elements = { 80, 2000-3000 }\n }\n chain o {\n type filter hook output priority 0;\n"
         "tcp dport @p drop\n }\n }"), "drop"),
    Case("nft-named-set-other", nft("table inet f {\n set p {\n type inet_service\n"
         "elements = { 80, 90 }\n }\n chain o {\n type filter hook output priority 0;\n"
         "tcp dport @p drop\n }\n }"), "accept"),
    Case("nft-negated-set", nft("table inet f {\n chain o {\n"
         "type filter hook output priority 0;\n ct state new tcp dport != { 22, 80 } drop\n }\n }"),
         "drop"),
    Case("nft-negation-needs-the-field", nft("table inet f {\n chain o {\n"
         "type filter hook output priority 0;\n ip6 daddr != ::2 drop\n }\n }"), "accept"),
    Case("nft-pairs", nft("table ip f {\n set p {\n type ipv4_addr . inet_service\n"
         "elements = { 127.0.0.1 . 3000, 127.0.0.1 . 80 }\n }\n chain o {\n"
         "type filter hook output priority 0;\n ip daddr . tcp dport @p reject\n }\n }"),
         "reject"),
    Case("nft-verdict-map", nft("table inet f {\n chain web {\n reject with tcp reset\n }\n"
         "chain o {\n type filter hook output priority 0;\n"
         "tcp dport vmap { 80 : drop, 3000-3010 : jump web, 22 : accept }\n }\n }"), "reject",
         rule="reject with tcp reset"),
    Case("nft-verdict-map-without-key", nft("table inet f {\n chain o {\n"
         "type filter hook output priority 0;\n tcp dport vmap { 80 : drop, 22 : drop }\n }\n }"),
         "accept"),
    Case("nft-named-verdict-map", nft("table inet f {\n map m {\n type inet_service : verdict\n"
         "elements = { 3000 : drop, 80 : accept }\n }\n chain o {\n"
         "type filter hook output priority 0;\n tcp dport vmap @m\n }\n }"), "drop"),
    Case("nft-state-map", nft("table inet f {\n chain i {\n type filter hook input priority 0; "
         "policy drop;\n ct state vmap { established : accept, related : accept, invalid : drop }"
         "\n tcp dport 3000 accept\n }\n }"), "accept"),
    Case("nft-goto", nft("table inet f {\n chain c {\n return\n }\n chain i {\n"
         "type filter hook input priority 0; policy drop;\n tcp sport 3000 accept\n"
         "tcp dport 3000 goto c\n accept\n }\n }"), "drop", rule="policy drop"),
    Case("nft-owner", nft("table inet f {\n chain o {\n type filter hook output priority 0;\n"
         "meta skuid 33 tcp dport 3000 drop\n }\n }"), "drop"),
    Case("nft-owner-set", nft("table inet f {\n chain o {\n type filter hook output priority 0;\n"
         "meta skuid { 0, 5 } drop\n }\n }"), "accept", listener_uid=65534),
    Case("nft-not-owner", nft("table inet f {\n chain o {\n type filter hook output priority 0;\n"
         "tcp dport 3000 meta skuid != 0 reject with icmpx admin-prohibited\n }\n }"), "reject"),
    Case("nft-flags", nft("table inet f {\n chain i {\n type filter hook input priority 0;\n"
         "tcp flags & (syn|ack) == syn|ack drop\n }\n }"), "drop", direction="reply"),
    Case("nft-protocol-set", nft("table inet f {\n chain i {\n"
         "type filter hook input priority 0;\n meta l4proto { tcp, udp } th dport 3000 drop\n }\n"
         "}"), "drop"),
    Case("nft-mark", nft("table inet f {\n chain o {\n type route hook output priority mangle;\n"
         "tcp dport 3000 meta mark set 5\n }\n chain i {\n type filter hook input priority 0;\n"
         "meta mark 5 drop\n }\n }"), "drop"),
    Case("nft-fib", nft("table inet f {\n chain o {\n type filter hook output priority 0;\n"
         "fib daddr type local tcp dport 3000 drop\n }\n }"), "drop"),
    Case("nft-reset-is-for-tcp-only", nft("table inet f {\n chain i {\n"
         "type filter hook input priority 0;\n tcp dport 3000 reject\n reject with tcp reset\n }"
         "\n }"), "reject"),
    Case("nft-limit", nft("table inet f {\n chain o {\n type filter hook output priority 0;\n"
         "tcp dport 3000 limit rate 1/minute accept\n tcp dport 3000 drop\n }\n }"), None),
    Case("nft-redirect", nft("table inet f {\n chain o {\n type nat hook output priority -100;\n"
         "tcp dport 3000 redirect to :3001\n }\n chain i {\n"
         "type filter hook input priority 0;\n tcp dport 3001 reject\n }\n }"), "reject"),
    Case("nft-dnat", nft("table ip f {\n chain o {\n type nat hook output priority -100;\n"
         "tcp dport 80 dnat to 127.0.0.1:3001\n }\n chain i {\n"
         "type filter hook input priority 0;\n tcp dport 80 drop\n }\n }"), "accept", port=80),
    Case("nft-dormant", nft("table inet f {\n flags dormant\n chain i {\n"
         "type filter hook input priority 0; policy drop;\n }\n }"), "accept"),
    Case("nft-before-tracking", nft("table inet f {\n chain o {\n"
         "type filter hook output priority -250;\n ct state new tcp dport 3000 drop\n }\n chain x {"
         "\n type filter hook output priority 0;\n ct state established accept\n }\n }"),
         "accept"),
    Case("nft-ingress", nft("table netdev f {\n chain i {\n"
         "type filter hook ingress device \"lo\" priority 0;\n tcp dport 3000 drop\n }\n }"),
         "drop"),
    Case("nft-egress-other-device", "ip link add d0 type veth peer name d1\n"
         + nft("table netdev f {\n chain i {\n type filter hook egress device \"d0\" priority 0;\n"
               "tcp dport 3000 drop\n }\n }"), "accept"),
    Case("nft-notrack", nft("table inet f {\n chain o {\n type filter hook output priority raw;\n"
         "tcp dport 3000 notrack\n }\n chain i {\n type filter hook input priority 0;\n"
         "ct state new tcp dport 3000 drop\n }\n }"), "accept"),
    Case("nft-firewalld-like", nft("table inet firewalld {\n chain filter_INPUT {\n"
         "type filter hook input priority filter + 10; policy accept;\n"
         "ct state { established, related } accept\n ct status dnat accept\n iifname \"lo\" accept"
         "\n ct state invalid drop\n reject with icmpx admin-prohibited\n }\n"
         "chain filter_OUT_policy_web_deny {\n"
         "ip daddr 127.0.0.1 tcp dport 3000 ct state new,untracked reject\n }\n"
         "chain filter_OUTPUT {\n type filter hook output priority filter + 10;\n"
         "ct state { established, related } accept\n jump filter_OUT_policy_web_deny\n }\n }"),
         "reject", tool="firewalld"),
    Case("ip6-reverse-path-check", nft("table inet firewalld {\n chain p {\n"
         "type filter hook prerouting priority filter + 10;\n"
         "meta nfproto ipv6 fib saddr . mark . iif oif missing drop\n }\n }"), "accept",
         host="::1", tool="firewalld"),
)  # fmt: skip

CASES = (
    *(
        Case(
            **{
                **case.__dict__,
                "name": f"iptables-{variant}-{case.name}",
                "rules": case.rules.replace("IPT ", f"iptables-{variant} -w "),
            }
        )
        for case in BOTH_VARIANTS
        for variant in ("nft", "legacy")
    ),
    *ONLY_NFT,
)
