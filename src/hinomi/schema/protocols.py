"""How people name the protocols of IP and the flags of TCP.

Sources: IANA, Assigned Internet Protocol Numbers; RFC 9293 §3.1 and RFC 3168 §6.1 for the flags.
"""

from __future__ import annotations

from typing import Final

PROTOCOLS: Final = {
    1: "icmp",
    2: "igmp",
    4: "ipip",
    6: "tcp",
    17: "udp",
    33: "dccp",
    41: "ipv6",
    47: "gre",
    50: "esp",
    51: "ah",
    58: "icmp6",
    88: "eigrp",
    89: "ospf",
    103: "pim",
    108: "ipcomp",
    112: "vrrp",
    115: "l2tp",
    132: "sctp",
    136: "udplite",
}
FLAGS: Final = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")  # from the lowest bit on


def protocol_name(number: int) -> str:
    """ "tcp", "udp"; a number that has no name here stays one."""
    return PROTOCOLS.get(number, str(number))


def port_name(protocol: int, port: int) -> str:
    """ "tcp/23", as ports are written in titles, indicators and lists."""
    return f"{protocol_name(protocol)}/{port}"


def flag_names(bits: int) -> str:
    """ "SYN ACK"; "–" for none."""
    return " ".join(name for bit, name in enumerate(FLAGS) if bits >> bit & 1) or "–"
