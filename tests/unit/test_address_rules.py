"""Address ranges of a room: what is read, what is refused, who lies outside."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.addresses.rules import MOST_RANGES, RangeFault, TooManyRanges, as_text, is_outside, parse_ranges


def test_ranges_are_read_however_they_are_set_apart_and_each_once():
    text = "192.168.10.0/24\r\n10.0.0.7，2001:db8::/32；１０．１．０．０／１６、192.168.10.0/24\n\n"
    assert as_text(parse_ranges(text)) == "192.168.10.0/24\n10.0.0.7/32\n2001:db8::/32\n10.1.0.0/16"
    assert parse_ranges(" \n") == []


@pytest.mark.parametrize(
    ("text", "typed", "meant"),
    [
        ("10.0.0.0/8 192.168.1.5/24", "192.168.1.5/24", "192.168.1.0/24"),
        ("192.168.1", "192.168.1", ""),
        ("192.168.1.*", "192.168.1.*", ""),
        ("10.0.0.0/33", "10.0.0.0/33", ""),
        ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9", ""),
        ("301机房", "301机房", ""),
        ("x" * 500, "x" * 64, ""),
    ],
)
def test_what_is_no_range_is_named_with_what_it_may_have_been(text, typed, meant):
    with pytest.raises(RangeFault) as found:
        parse_ranges(text)
    assert (found.value.typed, found.value.meant) == (typed, meant)


def test_more_ranges_than_anybody_needs_are_refused():
    with pytest.raises(TooManyRanges):
        parse_ranges("\n".join(f"10.0.{n}.0/24" for n in range(MOST_RANGES + 1)))


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("192.168.10.1", False),
        ("192.168.10.255", False),
        ("192.168.11.0", True),
        ("::ffff:192.168.10.1", False),
        ("::ffff:192.168.11.1", True),
        ("fe80::1%eth0", False),
        ("2001:db8::1", True),
        ("", True),
        ("unknown", True),
    ],
)
def test_an_address_lies_in_a_range_or_outside(address, outside):
    assert is_outside(address, parse_ranges("192.168.10.0/24 fe80::/10")) is outside


def test_without_ranges_nobody_is_outside():
    assert not is_outside("", [])


@given(st.ip_addresses(), st.integers(0, 32))
def test_an_address_lies_in_every_range_made_around_it_and_the_stored_form_reads_back(address, prefix):
    ranges = parse_ranges(str(ip_network(f"{address}/{prefix}", strict=False)))
    assert parse_ranges(as_text(ranges)) == ranges
    # A mapped address is judged as the IPv4 address that it is.
    mapped = getattr(ip_address(str(address)), "ipv4_mapped", None)
    assert mapped or not is_outside(str(address), ranges)
