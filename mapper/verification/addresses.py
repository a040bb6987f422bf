"""Which addresses the archiver may reach: public ones, and nothing inside this network.

A name is resolved once, every address it has is checked, and the connection goes to an address that was
checked: a name that answers otherwise a second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from mapper.vocabulary.text import N_

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2_000
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
# What some resolvers take for a number: 2130706433, 0x7f.1, 0177.0.0.1 (WHATWG: the last label decides).
NUMERIC = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; the last 32 bits are an IPv4 address
REFUSED = tuple(
    ipaddress.IPv6Network(block)
    # IPv4-compatible, local NAT64 (RFC 8215), Teredo and 6to4: each can hold an address of this network.
    for block in ("::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)

Resolver = Callable[[str, int], list[str]]
Rule = Callable[[str], bool]


class AddressRefused(Exception):
    """The archiver does not go there; `message` is a gettext id."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Destination:
    """Where one request goes: the checked address to connect to, and the name for Host and TLS."""

    scheme: str
    host: str
    port: int
    address: str
    target: str  # path and query


@dataclass(frozen=True)
class Gate:
    """How names are resolved, and which ports and addresses are let through. Tests open a loopback port."""

    resolve: Resolver
    allows: Rule
    ports: frozenset[int] = frozenset(PORTS.values())

    def destination(self, url: str) -> Destination:
        """Resolve and check an address; raises AddressRefused, or OSError where the name is not known."""
        scheme, host, port, target = _parts(url, self.ports)
        addresses = self.resolve(host, port)
        if not addresses or not all(map(self.allows, addresses)):
            raise AddressRefused(N_("The link leads to an address that is not public."))
        return Destination(scheme, host, port, addresses[0], target)


def is_public(text: str) -> bool:
    """Return whether an IP address is on the public net, whatever other address it may carry inside."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False  # a zone, such as fe80::1%eth0, is never public
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)))
        if any(address in block for block in REFUSED):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """Return every address of a name, as the system knows it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


PUBLIC = Gate(resolve, is_public)


def _parts(url: str, ports: frozenset[int]) -> tuple[str, str, int, str]:
    if len(url) > LONGEST_URL or UNSAFE.search(url):
        raise AddressRefused(N_("The link is no web address."))
    try:
        parts = urlsplit(url)
        scheme, port = parts.scheme, parts.port or PORTS.get(parts.scheme, 0)
        host = _host(parts.hostname or "")
    except ValueError:
        raise AddressRefused(N_("The link is no web address.")) from None
    if scheme not in PORTS or not host:
        raise AddressRefused(N_("The link is no web address."))
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(N_("The link holds a name or password."))
    if port not in ports:
        raise AddressRefused(N_("The link leads to an unusual port."))
    path = parts.path or "/"
    return scheme, host, port, path + (f"?{parts.query}" if parts.query else "")


def _host(host: str) -> str:
    """Return a name in ASCII, or an IP address in its one usual form; raises ValueError."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    if NUMERIC.fullmatch(host):
        raise ValueError("an IP address in disguise")
    return host.encode("idna").decode("ascii").lower()
