"""A STIX 2.1 bundle (§8): the objects of a release as they are stored, byte for byte."""

from __future__ import annotations

from hinomi.schema.release import Release
from hinomi.schema.words import Text
from hinomi.share.format import Format


def write(release: Release) -> bytes:
    """The bundle; it bears the number of the release. A bundle of nothing has no `objects`: lists are never empty (§2.6)."""
    number = release.id.removeprefix("release--").encode()
    objects = b",".join([item.content for item in release.items])
    return b'{"type":"bundle","id":"bundle--%s"%s}' % (number, b',"objects":[%s]' % objects if objects else b"")


STIX_BUNDLE = Format(
    title=Text("STIX 2.1 bundle", "STIX 2.1 バンドル"),
    media="application/stix+json;version=2.1",
    suffix=".stix.json",
    write=write,
)
