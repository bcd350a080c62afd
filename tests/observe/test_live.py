"""A live capture on the loopback, with a real capturing program and our own packets."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time

import pytest

from hinomi.observe.live import Live, live
from hinomi.observe.reading import InputError
from hinomi.schema import address

capturing = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("tcpdump") or shutil.which("dumpcap")),
    reason="needs tcpdump or dumpcap and the right to capture",
)
PORT = 40_404


def knock(capture: Live, times: int) -> None:
    """Send so many datagrams to ourselves, then end the capture; a pause lets the last one through."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(times):
            sender.sendto(b"hinomi %d" % number, ("127.0.0.1", PORT))
            time.sleep(0.02)
    time.sleep(0.5)
    capture.stop()


@capturing
def test_what_passes_the_interface_is_read_piece_by_piece_and_drops_are_told() -> None:
    heard, pieces = [], 0
    with live("lo", sensor="here", every=0.2) as capture:
        threading.Thread(target=knock, args=(capture, 40), daemon=True).start()
        for segment in capture:
            pieces += 1
            heard += [row for batch in segment.decode() for row in batch.to_pylist() if row["dport"] == PORT]
    assert [row["payload"] for row in heard] == [b"hinomi %d" % number for number in range(40)]
    assert {address.text(row["src"]) for row in heard} == {"127.0.0.1"}
    assert pieces > 1, "a piece closes by time while the capture goes on"
    assert capture.drops.received >= 40
    assert capture.drops.dropped == 0


@capturing
def test_a_piece_closes_by_time_even_when_packets_never_pause() -> None:
    with live("lo", sensor="here", every=1.5) as capture:
        threading.Thread(target=knock, args=(capture, 400), daemon=True).start()
        assert sum(1 for _ in capture) >= 3


@capturing
def test_an_interface_that_is_not_there_is_refused_in_the_words_of_the_program() -> None:
    with (
        pytest.raises(InputError, match=r"nosuch0: cannot be captured from: .*(o such device|exist)"),
        live("nosuch0", sensor="s"),
    ):
        pass


def test_without_a_capturing_program_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InputError, match="apt install tcpdump"), live("lo", sensor="s"):
        pass
