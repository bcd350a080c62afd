"""Cases as STIX 2.1 objects: pure builders, no database. Section numbers refer to STIX 2.1, OASIS Standard, 2021."""

from hinomi.casebook.stix.envelope import HUB, audience_of, identify, stamp
from hinomi.casebook.stix.identities import Member
from hinomi.casebook.stix.story import Note, Story, tell, translate

__all__ = ["HUB", "Member", "Note", "Story", "audience_of", "identify", "stamp", "tell", "translate"]
