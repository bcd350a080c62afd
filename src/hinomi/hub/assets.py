"""Static files with the hash of their content in the name, compressed once, served by the hub's own process."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]  # ships no types


class Assets(CompressedManifestStaticFilesStorage):
    """Hashed names once `hinomi.hub.setup.collect` has collected the files; plain names before, as in tests."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        if not self.hashed_files:
            return name
        return super().stored_name(name)
