"""Properties are tried without a stop-watch: what they hold does not depend on how busy the machine is."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
