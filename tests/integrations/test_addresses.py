"""Which addresses a connection may reach: the rule alone, without a network."""

import contextlib
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from integrations.addresses import INTRANET_PORTS, Intranet, is_public, literal, may_be_intranet

INSIDE = [
    *("0.1.2.3", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.9", "203.0.113.9", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:0:a9fe:a9fe::", "2001:10::1", "2001:20::1", "2001:db8::1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fec0::1", "ff02::1", "ff0e::1"),
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "47.96.0.1", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111", "2a00:1450::1"]
NUMBERS = st.integers(0, 2**32).flatmap(lambda n: st.sampled_from([str(n), hex(n), f"0{n:o}", "0x"]))
PRIVATE = [ip_network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16")]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_a_server_out_there_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def some_of(network: Any) -> st.SearchStrategy[int]:
    return st.integers(int(network.network_address), int(network.broadcast_address))


@given(st.sampled_from(PRIVATE).flatmap(some_of))
def test_no_private_address_is_public_in_any_of_its_spellings(number: int) -> None:
    inner = IPv4Address(number)
    spellings = [
        inner,
        IPv6Address(number),  # compatible, long out of use
        IPv6Address((0xFFFF << 32) | number),  # mapped
        IPv6Address((0x64FF9B << 96) | number),  # behind a translator
        IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        IPv6Address((0x20010000 << 96) | (number << 64)),  # Teredo's server
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo's client
    ]
    assert [str(each) for each in spellings if is_public(each)] == []


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_every_public_address_is_global_unicast(address: IPv6Address) -> None:
    if is_public(address):
        assert address.is_global and not address.is_multicast and not address.is_private
        assert address in ip_network("2000::/3")


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_ipv4_address_is_public_or_stands_in_a_list(address: IPv4Address) -> None:
    if not is_public(address) and address.is_global and not address.is_multicast:
        assert str(address) in INSIDE or address in ip_network("192.88.99.0/24")


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0x7f000001", "127.1", "0177.0.0.1", "017700000001", "1.2.3.4.", "foo.0x1", "0x"]
)
def test_a_number_in_disguise_is_no_name(host: str) -> None:
    with pytest.raises(ValueError, match="number"):
        literal(host)


def test_addresses_and_names_are_told_apart() -> None:
    assert literal("8.8.8.8") == IPv4Address("8.8.8.8")
    assert literal("::1") == IPv6Address("::1")
    for name in ("crm.example.com", "localhost", "0xcafe.example", "3com.example", "x1", "xn--fiqs8s"):
        assert literal(name) is None


@given(st.lists(NUMBERS, min_size=1, max_size=4).map(".".join), st.sampled_from(["", "."]))
def test_what_a_resolver_would_read_as_an_address_is_never_a_name(host: str, dot: str) -> None:
    with contextlib.suppress(ValueError):
        assert literal(host + dot) is not None


@pytest.mark.parametrize(
    ("entry", "allowed", "refused"),
    [
        ("acme=erp.acme.lan:8069", [("erp.acme.lan", 8069), ("ERP.acme.lan", 8069)], [("erp.acme.lan", 443)]),
        ("acme=10.2.0.9", [("10.2.0.9", port) for port in INTRANET_PORTS], [("10.2.0.9", 22), ("10.2.0.10", 443)]),
        ("acme=[fd00::9]:8443", [("fd00::9", 8443)], [("fd00::9", 443)]),
        (" acme = erp ", [("erp", 80)], [("erp", 8069), ("other", 80)]),
        ("globex=10.2.0.9", [], [("10.2.0.9", 443)]),
        ("acme2=10.2.0.9", [], [("10.2.0.9", 443)]),
    ],
)
def test_the_operator_lists_hosts_for_one_company(
    entry: str, allowed: list[tuple[str, int]], refused: list[tuple[str, int]]
) -> None:
    intranet = Intranet.of("acme", [entry])
    assert all(intranet.allows(*place) for place in allowed)
    assert not any(intranet.allows(*place) for place in refused)


@pytest.mark.parametrize(
    "entry", ["erp", "=erp", "acme=", "acme=erp:", "acme=erp:0", "acme=erp:70000", "acme=erp:80x", "acme=:80"]
)
def test_a_malformed_entry_is_refused_whosever_it_is(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="INTEGRATION_INTRANET"):
        Intranet.of("globex", [entry])


def test_a_listed_host_is_a_server_and_not_where_a_cloud_keeps_its_keys() -> None:
    servers = ("10.1.2.3", "192.168.1.1", "127.0.0.1", "fd00::1", "8.8.8.8")
    assert all(may_be_intranet(ip_address(each)) for each in servers)
    no_servers = ["169.254.169.254", "fe80::1", "::", "ff02::1"]
    no_servers += ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"]
    assert not any(may_be_intranet(ip_address(each)) for each in no_servers)
