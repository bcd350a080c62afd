"""An input is opened by what it holds, compressed or not, and a bad one is refused in words that help."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from hinomi.observe import days, feed
from hinomi.observe.reading import InputError, open_input, walk
from hinomi.testing import packets as p
from tests.observe.archives import xz_in_much_memory, zstd_in_much_memory
from tests.observe.reader import counts, read, read_in_pieces

SYN = p.ethernet(p.ipv4("192.0.2.1", "198.18.0.7", p.tcp(40000, 23)))
SCAN = [p.ethernet(p.ipv4("192.0.2.1", f"198.18.{n // 256}.{n % 256}", p.tcp(40000, 23, seq=n))) for n in range(2000)]
COMPRESS = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress, "zst": zstandard.ZstdCompressor().compress}


@pytest.mark.parametrize("how", COMPRESS)
def test_a_compressed_capture_reads_like_the_plain_one_with_the_same_ids(how: str) -> None:
    plain = p.capture(SCAN)
    packed = COMPRESS[how](plain)
    assert read(packed)[0] == read(plain)[0]
    ids = [[segment.id for segment in open_input(io.BytesIO(each), sensor="s")] for each in (plain, packed)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("how", COMPRESS)
def test_a_compressed_capture_that_is_cut_gives_what_was_there_and_says_so(how: str) -> None:
    packed = COMPRESS[how](p.capture(SCAN) + os.urandom(1 << 21))
    rows, opened = read(packed[: len(packed) // 2])
    assert 0 < len(rows) <= len(SCAN)
    assert "cut-archive" in counts(opened)


HALF = len(p.capture(SCAN)) // 2
JOINED = {
    "gzip members": lambda a, b: gzip.compress(a) + gzip.compress(b),
    "xz streams": lambda a, b: lzma.compress(a) + lzma.compress(b),
    "xz streams with padding": lambda a, b: lzma.compress(a) + bytes(8) + lzma.compress(b) + bytes(4),
    "zstd frames": lambda a, b: COMPRESS["zst"](a) + COMPRESS["zst"](b),
    "zstd frames to be skipped": lambda a, b: SKIP + COMPRESS["zst"](a) + SKIP + COMPRESS["zst"](b) + SKIP,
}
SKIP = bytes.fromhex("5a2a4d18 03000000") + b"abc"


@pytest.mark.parametrize("how", JOINED)
def test_compressed_parts_one_after_the_other_are_one_capture(how: str) -> None:
    plain = p.capture(SCAN)
    rows, opened = read(JOINED[how](plain[:HALF], plain[HALF:]))
    assert len(rows) == len(SCAN)
    assert opened.misfits == ()


@pytest.mark.parametrize("how", COMPRESS)
def test_what_does_not_belong_behind_compressed_data_is_told(how: str) -> None:
    rows, opened = read(COMPRESS[how](p.capture(SCAN)) + b"does not belong here")
    assert len(rows) == len(SCAN)
    assert counts(opened) == {"cut-archive": 1}


@pytest.mark.parametrize(("how", "kept"), [("gz", 5), ("xz", 12), ("bz2", 12), ("zst", 12)])
def test_damage_before_the_first_byte_is_not_called_empty(how: str, kept: int) -> None:
    with pytest.raises(InputError, match="damaged or cut off before anything can be read"):
        read(COMPRESS[how](p.capture([SYN]))[:kept])


@pytest.mark.parametrize("pack", [xz_in_much_memory, zstd_in_much_memory])
def test_a_sound_archive_that_needs_much_memory_is_not_called_damaged(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InputError, match=r"more than 128 MiB of memory .* decompress it first"):
        read(pack(p.capture([SYN])))


def test_a_standard_input_that_is_closed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        open_input("-", sensor="s")


def test_a_bomb_is_refused_and_layers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BOMB_SIZE", 1 << 22)
    with pytest.raises(InputError, match="250-fold"):
        read(gzip.compress(p.capture([SYN]) + bytes(1 << 24)))
    with pytest.raises(InputError, match="compressed more than twice"):
        read(gzip.compress(gzip.compress(gzip.compress(p.capture([SYN])))))
    assert len(read(gzip.compress(lzma.compress(p.capture([SYN]))))[0]) == 1


def test_a_flood_of_equal_packets_is_no_bomb_however_small_it_becomes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BOMB_SIZE", 1 << 20)
    monkeypatch.setattr(feed.Feed.__init__, "__defaults__", (1 << 19, None))
    packed = COMPRESS["xz"](p.capture([p.ethernet(p.ipv4("192.0.2.1", "198.18.0.7", p.udp(53, 53, bytes(1400))))] * 9000))
    assert len(packed) * 2 * feed.BOMB_RATIO < 9000 * 1400
    rows, opened = read(packed)
    assert (len(rows), opened.misfits) == (9000, ())
    known = open_input(io.BytesIO(packed), sensor="s")
    assert len(list(known)) > 20, "pieces that the lake has already are not decoded again, and are no sign of a bomb"
    with pytest.raises(InputError, match="hardly any packets"):
        read(COMPRESS["xz"](p.capture([SYN]) + bytes(1 << 24)))


def test_packets_of_scattered_times_are_counted_and_the_good_ones_kept() -> None:
    wild = [(3600 * 24 * 9 * at, 0) for at in range(4000)]
    frames = [(1_793_491_200 + at, 0) for at in range(5000)]
    rows, opened = read(capture_at(wild[:2000] + frames + wild[2000:]))
    found = counts(opened)["far-time"]
    assert (len(rows) + found, opened.quarantined) == (9000, found)
    assert sum(row["time"].timestamp() >= 1_793_491_200 for row in rows) >= 5000
    assert len({row["time"].date() for row in rows}) <= days.MOST
    assert opened.misfits[0].first == 40, "the place of the first"


def capture_at(times: list[tuple[int, int]]) -> bytes:
    head = p.capture([])
    return head + b"".join(struct.pack("<IIII", *time, len(SYN), len(SYN)) + SYN for time in times)


def test_the_name_of_a_file_is_never_trusted(tmp_path: Path) -> None:
    liar = tmp_path / "notes.txt"
    liar.write_bytes(p.capture([SYN]))
    assert read(liar)[1].format == "pcap"
    text = tmp_path / "capture.pcap"
    text.write_text("Dear colleague,\nplease find attached\n")
    with pytest.raises(
        InputError, match=r"capture\.pcap: is text, in no format .* tried packet-csv, packet-json, pcap, pcapng"
    ):
        read(text)


def test_what_cannot_be_read_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: no such file or directory; check the path"):
        read(tmp_path / "missing.pcap")
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="begins with 80 45 4c 46"):
        read(b"\x80ELF" + bytes(range(200)))
    with pytest.raises(InputError, match="'netflow' is neither a format nor a kind"):
        read(p.capture([SYN]), as_="netflow")
    with pytest.raises(InputError, match=r"radiotap header \(link type 127\), which Hinomi does not read"):
        read(p.capture([SYN], link=127))
    with pytest.raises(InputError, match="no capture of this format"):
        read(b"time,src\n1,192.0.2.1\n", as_="pcap")


FOREIGN = {
    "zip archive": b"PK\x03\x04" + bytes(60),
    "tar archive": bytes(257) + b"ustar\x0000" + bytes(200),
    "snoop capture": b"snoop\0\0\0" + bytes(8),
    "nfcapd flow file": bytes.fromhex("0ca50100") + bytes(60),
    "text in UTF-16": "time,src,dst\n".encode("utf-16"),
    "Avro file": b"Obj\x01" + bytes(9),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_of_a_known_format_that_we_do_not_read_is_called_by_its_name(what: str) -> None:
    with pytest.raises(InputError, match=f"is an? {what}|is {what}") as refused:
        read(FOREIGN[what])
    assert refused.value.remedy.ja


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2.pcap", "a.pcap", ".hidden", "b/.git/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [str(path.relative_to(tmp_path)) for path in walk([tmp_path])] == ["a.pcap", "b/2.pcap"]


def test_a_walk_does_not_follow_links_in_circles_nor_wait_for_pipes(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(b"")
    (tmp_path / "again").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert [path.name for path in walk([tmp_path])] == ["a.pcap"]


def test_a_folder_that_may_not_be_listed_is_refused_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    [given] = walk([tmp_path])
    with pytest.raises(InputError, match="cannot be read: permission denied; check the path and its permissions"):
        open_input(given, sensor="test")


def test_a_link_to_nothing_is_refused_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "gone.pcap").symlink_to(tmp_path / "never was")
    (tmp_path / "self.pcap").symlink_to(tmp_path / "self.pcap")
    for given in walk([tmp_path]):
        with pytest.raises(InputError, match=r"cannot be read: (no such file|too many levels)"):
            open_input(given, sensor="test")
    assert len(list(walk([tmp_path]))) == 2


def test_a_walk_goes_deeper_than_python_calls(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(1300):
        folder = folder / "d"
        folder.mkdir()
    (tmp_path / "z.pcap").write_bytes(b"")
    (folder / "deep.pcap").write_bytes(b"")
    try:
        assert [path.name for path in walk([tmp_path])] == ["deep.pcap", "z.pcap"]
    finally:  # pytest's own tidying does not go so deep
        (folder / "deep.pcap").unlink()
        os.removedirs(folder)


def test_pieces_are_cut_at_records_and_nothing_is_lost_between_them() -> None:
    whole, _ = read(p.capture(SCAN))
    for size in (300_000, 1 << 19):
        rows, opened = read_in_pieces(p.capture(SCAN) + p.capture(SCAN)[24:], "pcap", size)
        assert rows == whole + whole
        assert opened.misfits == ()


def test_a_capture_that_has_grown_keeps_the_ids_of_its_full_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed.Feed.__init__, "__defaults__", (1 << 19, None))
    many = [p.ethernet(p.ipv4("192.0.2.1", "198.18.0.7", p.udp(n % 65536, 53, bytes(900)))) for n in range(2000)]
    before = [segment.id for segment in open_input(io.BytesIO(p.capture(many[:1500])), sensor="s")]
    after = [segment.id for segment in open_input(io.BytesIO(p.capture(many)), sensor="s")]
    assert len(before) >= 3
    assert after[: len(before) - 1] == before[:-1]


@pytest.mark.parametrize("first", [1, 700, 1999])
def test_a_piece_that_has_grown_knows_what_it_was_and_decodes_the_rest_alone(first: int) -> None:
    whole, shorter = p.capture(SCAN), p.capture(SCAN[:first])
    [before] = open_input(io.BytesIO(shorter), sensor="s")
    [after] = open_input(io.BytesIO(whole), sensor="s")
    assert before.growth is not None
    assert after.growth is not None
    assert before.growth.mark == after.growth.mark
    assert after.growth.sized(before.id) == before.growth.size == len(shorter) - 24
    assert after.growth.until(before.growth.size) == before.id
    rest = after.growth.after(before.growth.size)
    assert [row["seq"] for batch in rest.decode() for row in batch.to_pylist()] == list(range(first, 2000))
    assert rest.id not in (before.id, after.id)


def test_the_rest_of_one_beginning_is_not_the_rest_of_another() -> None:
    """The same bytes behind other bytes may mean something else (another interface in a pcapng), so they are other pieces."""
    one, other = (p.capture([p.Record(SYN, p.NOON - n), *SCAN[:5]]) for n in (1, 2))
    rests = [next(iter(open_input(io.BytesIO(each), sensor="s"))).growth for each in (one, other)]
    ids = {growth.after(16 + len(SYN)).id for growth in rests if growth}
    assert len(ids) == 2


def test_a_mapping_that_says_what_the_columns_say_changes_no_id() -> None:
    log = b"time,src,dst,dport,tcpflags\n1793534400,192.0.2.1,198.18.0.1,23,2\n"

    def ids(as_: str | None) -> list[str]:
        return [segment.id for segment in open_input(io.BytesIO(log), sensor="s", as_=as_)]

    assert ids("packet-csv:tcpflags=flags") == ids("packet-csv:time=time,src=src") == ids(None)
    assert ids("packet-csv:dport=sport") != ids(None)
    with pytest.raises(InputError, match="port: no such column"):
        ids("packet-csv:tcpflags=flags,port=dport")


# ── damage in classic captures ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_last_record_that_is_cut_is_counted_at_the_byte_where_it_begins() -> None:
    content = p.capture(SCAN[:3])
    rows, opened = read(content[:-5])
    assert len(rows) == 2
    [misfit] = opened.misfits
    assert (misfit.reason, misfit.count, misfit.first) == ("cut-end", 1, 24 + 2 * (16 + len(SYN)))


def test_garbage_in_the_middle_is_stepped_over_counted_and_what_follows_is_read() -> None:
    content = p.capture(SCAN[:100])
    middle = 24 + 50 * (16 + len(SYN))
    rows, opened = read(content[:middle] + b"\xff" * 333 + content[middle:])
    assert len(rows) == 100
    [misfit] = opened.misfits
    assert (misfit.reason, misfit.count, misfit.first) == ("garbage", 1, middle)


def test_a_record_that_claims_an_absurd_length_is_garbage() -> None:
    content = p.capture(SCAN[:10])
    liar = bytearray(content)
    liar[24 + 8 : 24 + 12] = b"\xff\xff\xff\x7f"
    rows, opened = read(bytes(liar))
    assert len(rows) == 9
    assert counts(opened) == {"garbage": 1}


def test_a_tail_of_zeros_as_a_crashed_disk_leaves_it_is_counted() -> None:
    rows, opened = read(p.capture(SCAN[:10]) + bytes(1600))
    assert len(rows) == 10
    assert counts(opened) == {"cut-link": 100}


def test_time_that_goes_backwards_is_kept_as_it_was_seen() -> None:
    later, earlier = p.Record(SYN, p.NOON), p.Record(SYN, p.NOON - 5_000_000)
    rows, _ = read(p.capture([later, earlier]))
    assert rows[0]["time"] > rows[1]["time"]


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("nano", [False, True])
def test_both_byte_orders_and_both_resolutions_read_the_same(big: bool, nano: bool) -> None:
    assert read(p.capture(SCAN[:5], big=big, nano=nano))[0] == read(p.capture(SCAN[:5]))[0]


def test_what_a_short_snap_length_left_out_is_unknown_not_zero() -> None:
    rows, _ = read(p.capture([SYN], snaplen=14 + 20 + 6))
    assert rows[0]["dport"] == 23
    assert not {"seq", "flags", "window", "payload"} & set(rows[0])
    assert read(p.capture([SYN], snaplen=20))[1].quarantined == 1


def test_frames_that_are_not_ip_are_skipped_by_name() -> None:
    rows, opened = read(
        p.capture([SYN, p.ethernet(bytes(28), p.ARP), p.ethernet(bytes(46), 0x88CC), p.ethernet(bytes(46), 0x1234)])
    )
    assert len(rows) == 1
    assert opened.skipped == {"ARP": 1, "LLDP": 1, "ethertype 0x1234": 1}
    assert opened.quarantined == 0


def test_the_padding_of_a_short_frame_is_no_payload() -> None:
    rows, _ = read(p.capture([SYN + bytes(6)]))
    assert rows[0]["payload"] == b""
