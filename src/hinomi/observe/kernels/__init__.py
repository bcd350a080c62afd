"""Numba inner loops, each called by its name here; their sources are imported to be compiled only (see `machine`)."""

from __future__ import annotations

from hinomi.observe.machine import Kernel

walk_pcap = Kernel("framing", "walk_pcap", results=4)
walk_blocks = Kernel("framing", "walk_blocks", results=5)
next_block = Kernel("framing", "next_block", results=1)
decode = Kernel("packet", "decode", results=1)
bitmaps = Kernel("validity", "bitmaps")
text_objects = Kernel("records", "objects", results=4)
text_unclosed = Kernel("records", "unclosed", results=2)
text_addresses = Kernel("text", "addresses")
text_integers = Kernel("text", "integers")
text_hexes = Kernel("text", "hexes")
text_times = Kernel("moments", "times")
