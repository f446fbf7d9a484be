"""Which addresses a company's connections may reach (security.md §3 item 27). No network here, only the rule.

`ipaddress.is_global` alone is no rule: it calls multicast and 64:ff9b::a9fe:a9fe global, which is the metadata service
of a cloud behind a translator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.core.exceptions import ImproperlyConfigured

Address = IPv4Address | IPv6Address

PUBLIC_PORTS = frozenset({443, 8443})
INTRANET_PORTS = frozenset({80, 443, 8443})  # of a host that the operator listed without a port

# What is refused even where Python's own table should forget it in some version.
_CLOSED = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind carriers; the metadata service of one cloud is 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # the host of every machine of another cloud, on an address that looks public
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo and its like carry an IPv4 address inside
        "2001:db8::/32",
        "2002::/16",  # 6to4 as well
        "3fff::/20",
    )
]
# The only unicast that was ever given out. Outside of it: loopback, private, link-local, multicast, mapped and
# translated (::ffff:0:0/96, 64:ff9b::/96) addresses.
_GIVEN_OUT = ip_network("2000::/3")


def is_public(address: Address) -> bool:
    """Global unicast, and no other address hidden in it."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _GIVEN_OUT):
        return False
    return not any(address.version == network.version and address in network for network in _CLOSED)


# Where clouds keep the keys of their machines, beside the link-local addresses; and IPv4 behind a translator, which
# leads to all of them.
_OF_CLOUDS = [
    ip_network(network) for network in ("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32", "64:ff9b::/96")
]


def may_be_intranet(address: Address) -> bool:
    """What a host the operator listed may turn out to be: anything a server can have, not where clouds keep keys."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return not any(address.version == network.version and address in network for network in _OF_CLOUDS)


def literal(host: str) -> Address | None:
    """The address that `host` is, where it is one and not a name. Raises ValueError for a number in disguise.

    Resolvers read 2130706433, 0x7f.1 and 127.1 as 127.0.0.1; browsers call a host whose last part is a number an
    address as well (URL standard, "ends in a number").
    """
    try:
        return ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2].lower()
        if last.isdecimal() or (last.startswith("0x") and all(c in "0123456789abcdef" for c in last[2:])):
            raise ValueError(f"{host!r} is a number, not a name") from None
        return None


@dataclass(frozen=True, slots=True)
class Intranet:
    """Hosts the operator has listed for one company, each with its ports."""

    hosts: frozenset[tuple[str, int]]

    @classmethod
    def of(cls, tenant_slug: str, entries: Iterable[str]) -> Intranet:
        """From "slug=host[:port]". Raises ImproperlyConfigured for an entry that is none, whosever it is."""
        hosts: set[tuple[str, int]] = set()
        for entry in entries:
            slug, found, place = entry.partition("=")
            host, port = _host_and_port(place.strip())
            if not found or not slug.strip() or not host or port == 0:
                raise ImproperlyConfigured(
                    f"INTEGRATION_INTRANET: {entry!r} is not slug=host or slug=host:port, IPv6 in square brackets."
                )
            if slug.strip() == tenant_slug:
                hosts.update((host, each) for each in ([port] if port else INTRANET_PORTS))
        return cls(frozenset(hosts))

    def allows(self, host: str, port: int) -> bool:
        return (host.lower(), port) in self.hosts


def _host_and_port(place: str) -> tuple[str, int | None]:
    """Port None where none is named, 0 where it is no port."""
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        port = rest.removeprefix(":") if rest else None
    else:
        host, found, rest = place.partition(":")
        port = rest if found else None
    if port is None:
        return host.lower(), None
    number = int(port) if port.isascii() and port.isdecimal() and len(port) <= 5 else 0
    return host.lower(), number if number < 65536 else 0
