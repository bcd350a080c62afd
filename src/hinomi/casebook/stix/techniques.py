"""The ATT&CK techniques that findings name, as attack-patterns that point at MITRE's own pages."""

from __future__ import annotations

from datetime import UTC, datetime

from hinomi.casebook.stix.envelope import Envelope, Told
from hinomi.schema.scope import Tlp

# What is seen of ATT&CK (Enterprise 18.1) from the network; a detector that names another has its line here.
NAMES = {
    "T1046": "Network Service Discovery",
    "T1078": "Valid Accounts",
    "T1110": "Brute Force",
    "T1190": "Exploit Public-Facing Application",
    "T1210": "Exploitation of Remote Services",
    "T1498": "Network Denial of Service",
    "T1498.001": "Direct Network Flood",
    "T1498.002": "Reflection Amplification",
    "T1499": "Endpoint Denial of Service",
    "T1499.001": "OS Exhaustion Flood",
    "T1583.005": "Acquire Infrastructure: Botnet",
    "T1584.005": "Compromise Infrastructure: Botnet",
    "T1584.008": "Compromise Infrastructure: Network Devices",
    "T1589": "Gather Victim Identity Information",
    "T1595": "Active Scanning",
    "T1595.001": "Scanning IP Blocks",
    "T1595.002": "Vulnerability Scanning",
}
# Published once for all cases, so they are the hub's and everybody's.
_SHARED = Envelope("", Tlp.CLEAR, datetime(2026, 11, 1, tzinfo=UTC))


def technique(attack: str, exercise: bool) -> Told:
    """The attack-pattern of one technique id."""
    envelope = Envelope(_SHARED.owner, _SHARED.tlp, _SHARED.created, exercise)
    reference = {
        "source_name": "mitre-attack",
        "external_id": attack,
        "url": f"https://attack.mitre.org/techniques/{attack.replace('.', '/')}/",
    }
    return envelope.wrap("attack-pattern", (attack,), name=NAMES.get(attack, attack), external_references=[reference])
