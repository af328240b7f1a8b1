"""Address ranges of a room, pure: CIDR, one a line; empty means from anywhere."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
MOST_RANGES = 50
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {ord("。"): "."}


class RangeFault(ValueError):
    """The range that cannot be read, as it was typed; ``meant``: what it may have been meant to be."""

    def __init__(self, typed: str, meant: str = "") -> None:
        super().__init__(typed)
        self.typed = typed
        self.meant = meant


class TooManyRanges(ValueError):
    """More than ``MOST_RANGES``."""


def parse_ranges(text: str) -> list[Network]:
    """The ranges of a text, split at blanks, commas, semicolons and line ends, each once, in their order.

    A single address is a range of its own. Raises ``RangeFault`` for the first that is none (bits after the prefix
    count as a fault: ``192.168.1.5/24`` names two things), ``TooManyRanges``.
    """
    plain = text.translate(_FULL_WIDTH)
    found: list[Network] = []
    for typed in re.split(r"[\s,;、]+", plain):
        if typed:
            network = _network(typed)
            found += [network] if network not in found else []
    if len(found) > MOST_RANGES:
        raise TooManyRanges
    return found


def _network(typed: str) -> Network:
    try:
        return ip_network(typed)
    except ValueError:
        pass
    try:
        raise RangeFault(typed[:64], str(ip_network(typed, strict=False)))
    except RangeFault:
        raise
    except ValueError:
        raise RangeFault(typed[:64]) from None


def as_text(ranges: Sequence[Network]) -> str:
    """How ranges are stored: one a line."""
    return "\n".join(str(network) for network in ranges)


def is_outside(address: str, ranges: Sequence[Network]) -> bool:
    """Whether an address lies in none of the ranges; what is no address lies outside, and with no range nobody does."""
    if not ranges:
        return False
    try:
        own = _unmapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return True
    return not any(own in network for network in ranges if network.version == own.version)


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that a dual-stack socket tells as IPv6 is that IPv4 address."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
