"""A recording beside its summary: what is taken and what not, who hears it, and what becomes of its file."""

import io
import os
import socketserver
import struct
import sys
import wave
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from storages.backends.s3 import S3File

from feedback import audio, tasks
from feedback.actions import files
from feedback.audio import NotARecording, cleaned
from feedback.models import Feedback, FeedbackFact, Held
from perfsys.boot.preflight import free_port, is_free
from perfsys.common import clamd
from perfsys.jobs.handlers import Again
from perfsys.jobs.models import Job
from tests.jobs.three_times import run_three_times
from tests.workers import started

from .test_write_on_a_page import NEW, words

SECRET = b"SECRET +31.23+121.47"


def wav() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\1\0" * 400)
    content = made.getvalue() + b"LIST" + struct.pack("<I", len(SECRET)) + SECRET
    return content[:4] + struct.pack("<I", len(content) - 8) + content[8:]


def mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s, 44.1 kHz
    return b"ID3\4\0\0" + bytes([0, 0, 0, len(SECRET)]) + SECRET + frame * 4 + b"TAG" + SECRET.ljust(125)


def aac() -> bytes:
    frame = bytes([0xFF, 0xF1, 0x50, 0x80, 64 >> 3, (64 & 7) << 5 | 0x1F, 0xFC]) + bytes(57)
    return frame * 4 + SECRET


def page(number: int, packet: bytes) -> bytes:
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = b"OggS\0" + bytes([0 if number else 2]) + bytes(8) + struct.pack("<III", 7, number, 0)
    made = bytearray(head + bytes([len(lacing)]) + lacing + packet)
    made[22:26] = struct.pack("<I", audio._ogg_sum(bytes(made)))
    return bytes(made)


def ogg() -> bytes:
    tags = b"OpusTags" + struct.pack("<I", 4) + b"Lavf" + struct.pack("<II", 1, len(SECRET)) + SECRET
    return page(0, b"OpusHead" + bytes(11)) + page(1, tags) + page(2, b"\xfc" + bytes(300))


def box(kind: bytes, *inner: bytes) -> bytes:
    body = b"".join(inner)
    return struct.pack(">I", 8 + len(body)) + kind + body


def m4a(handler: bytes = b"soun") -> bytes:
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12))))
    moov = box(b"moov", box(b"mvhd", bytes(100)), track, box(b"udta", box(b"\xa9xyz", SECRET)), box(b"loci", SECRET))
    return box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", bytes(200)) + moov + box(b"uuid", SECRET) + box(b"SDLN", SECRET)


def element(name: str, *inner: bytes, endless: bool = False) -> bytes:
    body = b"".join(inner)
    size = b"\x01" + b"\xff" * 7 if endless else (1 << 28 | len(body)).to_bytes(4, "big")
    return bytes.fromhex(name) + size + body


def webm(kind: int = 2, doctype: bytes = b"webm") -> bytes:
    tracks = element(
        "1654ae6b", element("ae", element("83", bytes([kind])), element("536e", SECRET), element("86", b"A_OPUS"))
    )
    info = element("1549a966", element("7ba9", SECRET), element("4d80", b"Chrome"))
    cluster = element("1f43b675", element("e7", b"\0"), element("a3", bytes(40)), endless=True)
    tags = element("1254c367", SECRET)
    return element("1a45dfa3", element("4282", doctype)) + element(
        "18538067", info, tracks, cluster, cluster, tags, endless=True
    )


MADE = {"wav": wav(), "mp3": mp3(), "aac": aac(), "ogg": ogg(), "m4a": m4a(), "webm": webm()}


@pytest.mark.parametrize("kind", MADE)
def test_it_is_kept_without_what_it_says_about_place_and_person(kind: str) -> None:
    kept = cleaned(MADE[kind], f"会议.{kind.upper()}")
    assert kept.ending == kind and SECRET not in kept.content and len(kept.content) > 200
    assert cleaned(kept.content, f"x.{kind}").content == kept.content  # cleaned is as good as it gets


def test_a_page_whose_titles_went_has_its_sum_anew() -> None:
    kept = bytearray(cleaned(MADE["ogg"], "a.opus").content)
    at = kept.index(b"OggS", 4)
    end = kept.index(b"OggS", at + 4)
    said = kept[at + 22 : at + 26]
    kept[at + 22 : at + 26] = bytes(4)
    crc = 0
    for byte in kept[at:end]:  # as RFC 3533 describes it, bit by bit
        crc ^= byte << 24
        for _bit in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    assert said == struct.pack("<I", crc)


POLYGLOTS = {
    "a.wav": MADE["mp3"],
    "a.mp3": MADE["wav"],
    "b.mp3": MADE["mp3"][:200],
    "c.mp3": MADE["mp3"] + b"<?php system('id'); ?>" * 200,
    "a.ogg": MADE["ogg"] + b"<script>alert(1)</script>",
    "b.ogg": MADE["ogg"][:-20],
    "a.m4a": MADE["m4a"] + b"<html>",
    "b.m4a": m4a(b"soun") + m4a(b"vide"),
    "c.m4a": box(b"ftyp", b"M4A ") + b"\xff" * 300,
    "d.m4a": MADE["m4a"] + m4a(b"text"),  # chapters, titles
    "e.m4a": MADE["m4a"] + m4a(b"meta"),  # where the phone was, each second
    "f.m4a": MADE["m4a"] + box(b"moov", box(b"trak", box(b"mdia"))),  # does not say what it is
    "a.webm": webm(kind=1),
    "b.webm": webm(doctype=b"matroska"),
    "c.webm": MADE["webm"][:60],
    "a.html": MADE["mp3"],
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "d.wav": b"",
    "e.wav": b"RIFF\xff\xff\xff\xffWAVE",
    "noending": MADE["wav"],
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_is_none_of_them_is_refused(name: str) -> None:
    with pytest.raises(NotARecording):
        cleaned(POLYGLOTS[name], name)


SMALLEST = {
    "a.wav": b"RIFF\0\0\0\0WAVE" + b"LIST\0\0\0\0" * 300 + MADE["wav"][12:],
    "a.mp3": (b"ID3\4\0\0" + bytes(4)) * 300 + MADE["mp3"],
    "a.aac": MADE["aac"][:64] * 300,
    "a.ogg": MADE["ogg"] + page(3, b"") * 300,
    "a.m4a": MADE["m4a"] + box(b"free") * 300,
    "a.webm": MADE["webm"] + b"\xec\x80" * 300,
}


@pytest.mark.parametrize("name", SMALLEST)
def test_one_of_countless_parts_is_refused_before_it_keeps_anybody(name: str, monkeypatch: Any) -> None:
    assert cleaned(SMALLEST[name], name)
    monkeypatch.setattr("feedback.audio.MOST_PARTS", 200)
    with pytest.raises(NotARecording):
        cleaned(SMALLEST[name], name)


# --- on the page ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(ada: Any, bob: Any, tag: Any, content: bytes = MADE["m4a"], name: str = "../../x.m4a", **more: Any) -> Any:
    sound = SimpleUploadedFile(name, content, content_type="text/html")
    return ada.client.post(NEW, words(bob, tag, link="", audio=sound) | {"recording": "会上说了换料的事", **more})


def test_it_is_heard_by_those_who_read_the_feedback_and_by_nobody_else(
    ada: Any, bob: Any, anna: Any, otto: Any, tag: Any
) -> None:
    shown = ada.client.get(NEW).content.decode()
    assert 'name="audio"' in shown and ".opus" in shown
    sent = send(ada, bob, tag)
    assert sent.status_code == 302
    with ada.scope:
        fact = FeedbackFact.objects.get()
    assert fact.file.endswith(f"{fact.public_id}.m4a") and fact.summary == "会上说了换料的事"
    address = f"/t/acme/feedback/facts/{fact.public_id}/"
    page = bob.client.get(sent["Location"]).content.decode()
    assert f'<audio controls preload="none" src="{address}"' in page and "会上说了换料的事" in page
    answer = bob.client.get(address)
    assert answer["Content-Type"] == "audio/mp4" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;") and "sandbox" in answer["Content-Security-Policy"]
    whole = answer.content
    assert answer["Cache-Control"] == "no-store" and not answer.streaming
    with patch("feedback.handing_out.SLICE", 100):  # more than may stand in memory
        large = bob.client.get(address)
        assert large.streaming and large.block_size <= 65_536 and large.getvalue() == whole
        same = {*answer.headers} - {"X-Request-ID"}
        assert {name: large.headers.get(name) for name in same} == {name: answer[name] for name in same}
    piece = bob.client.get(address, headers={"range": "bytes=4-7"})
    assert (piece.status_code, piece.content) == (206, b"ftyp")
    assert piece["Content-Range"] == f"bytes 4-7/{len(whole)}"
    assert bob.client.get(address, headers={"range": "bytes=999999-"}).status_code == 416
    assert bob.client.get(address, headers={"range": "bytes=5-3"}).status_code == 200
    assert bob.client.get(address, headers={"range": "bytes=-4"}).content == whole[-4:]
    assert bob.client.get(address, headers={"range": "bytes=-0"}).status_code == 416
    assert anna.client.get(address).status_code == otto.client.get(address).status_code == 404


def test_what_is_wrong_with_it_is_said_and_nothing_typed_is_lost(
    ada: Any, bob: Any, tag: Any, monkeypatch: Any
) -> None:
    for answer, says in (
        (send(ada, bob, tag, b"<script>alert(1)</script>", "a.mp3"), "不是能读取的录音"),
        (send(ada, bob, tag, recording=""), "录音里说了什么"),
    ):
        page = answer.content.decode()
        assert answer.status_code == 422 and says in page and "录音要再选一次" in page and "夜班砂轮崩边" in page
    monkeypatch.setattr("feedback.forms.MOST_BYTES_OF_SOUND", 100)
    assert "最多 50 MB" in send(ada, bob, tag).content.decode()
    with ada.scope:
        assert not Feedback.objects.exists()


def finds_nothing(content: bytes) -> bool:
    return True


def finds_something(content: bytes) -> bool:
    return b"ftyp" not in content


class Clamd(socketserver.StreamRequestHandler):
    """ClamAV's daemon as far as INSTREAM: whatever has `ftyp` in it is infected."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        heard = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            heard += self.rfile.read(size)
            if len(heard) > 500_000:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if heard == b"broken":
            self.wfile.write(b"stream: ")
        else:
            self.wfile.write(b"stream: Eicar-Signature FOUND\0" if b"ftyp" in heard else b"stream: OK\0")


@pytest.fixture(params=[socketserver.ThreadingTCPServer, socketserver.ThreadingUnixStreamServer])
def daemon(request: Any, tmp_path: Path, settings: Any) -> Iterator[Any]:
    at: Any = str(tmp_path / "clamd.ctl") if "Unix" in request.param.__name__ else ("127.0.0.1", 0)
    with request.param(at, Clamd) as server:
        at = server.server_address
        settings.MEDIA_CLAMD = f"unix://{at}" if isinstance(at, str) else f"tcp://{at[0]}:{at[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_clamd_is_asked_and_without_its_verdict_nothing_passes(daemon: Any, settings: Any) -> None:
    assert clamd.is_clean(MADE["wav"] * 100) and not clamd.is_clean(MADE["m4a"])
    with pytest.raises(clamd.NoVerdict, match="size limit"):
        clamd.is_clean(bytes(600_000))
    with pytest.raises(clamd.ScannerAway):
        clamd.is_clean(b"broken")
    settings.MEDIA_CLAMD = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(clamd.ScannerAway):
        clamd.is_clean(MADE["wav"])
    settings.MEDIA_CLAMD = "unix:///nowhere/clamd.ctl"
    with pytest.raises(clamd.ScannerAway):
        clamd.is_clean(MADE["wav"])


def test_while_the_scanner_is_away_the_file_waits(ada: Any, bob: Any, tag: Any, settings: Any) -> None:
    settings.ATTACHMENT_SCANNER, settings.MEDIA_CLAMD = "perfsys.common.clamd.is_clean", "unix:///nowhere/clamd.ctl"
    send(ada, bob, tag)
    with ada.scope:
        payload, now = Job.objects.get(kind="feedback.scan").payload, timezone.now()
        assert tasks.scan_file(payload=payload, now=now) == Again(payload, timedelta(minutes=5))
        with pytest.raises(clamd.ScannerAway):  # by then somebody has to look
            tasks.scan_file(payload=payload, now=now + timedelta(days=2))
        fact = FeedbackFact.objects.get()
        assert fact.held == Held.WAITING
    assert bob.client.get(f"/t/acme/feedback/facts/{fact.public_id}/").status_code == 404


@pytest.mark.parametrize("scanner", [finds_nothing, finds_something])
def test_a_scanner_looks_first(ada: Any, bob: Any, tag: Any, settings: Any, scanner: Any) -> None:
    settings.ATTACHMENT_SCANNER = f"{__name__}.{scanner.__name__}"
    page = send(ada, bob, tag)["Location"]
    with ada.scope:
        fact = FeedbackFact.objects.get()
        payload = Job.objects.get(kind="feedback.scan").payload
    address = f"/t/acme/feedback/facts/{fact.public_id}/"
    assert bob.client.get(address).status_code == 404
    shown = bob.client.get(page).content.decode()
    assert "检查中" in shown and address not in shown
    run_three_times(tasks.scan_file, payload=payload, now=timezone.now())
    is_clean = scanner is finds_nothing
    assert bob.client.get(address).status_code == (200 if is_clean else 404)
    assert default_storage.exists(fact.file) is is_clean
    with ada.scope:
        assert FeedbackFact.objects.get().held == ("" if is_clean else Held.REFUSED)
    assert ("检查时发现文件不安全" in bob.client.get(page).content.decode()) is not is_clean


@pytest.fixture
def bucket(settings: Any, tmp_path: Path, monkeypatch: Any) -> Iterator[Any]:
    """A bucket of a store that speaks S3, in place of the folder."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    options = {"bucket_name": "files", "region_name": "cn-north-1", "file_overwrite": False, "default_acl": None}
    options["endpoint_url"] = f"http://127.0.0.1:{port}"
    with started(command, {}, tmp_path / "s3.log", lambda: not is_free(port), seconds=60):
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
        }
        made = default_storage.connection.create_bucket(
            Bucket="files", CreateBucketConfiguration={"LocationConstraint": "cn-north-1"}
        )
        yield made


def test_in_a_bucket_it_is_read_by_the_same_people_and_cleaned_up(
    ada: Any, bob: Any, anna: Any, otto: Any, tag: Any, bucket: Any
) -> None:
    with ada.scope:
        assert files.remove_orphans(now=timezone.now()) == 0  # nobody has attached anything yet
    page = bob.client.get(send(ada, bob, tag)["Location"]).content.decode()
    with ada.scope:
        fact = FeedbackFact.objects.get()
    address = f"/t/acme/feedback/facts/{fact.public_id}/"
    assert address in page and "127.0.0.1" not in page
    assert [one.key for one in bucket.objects.all()] == [fact.file]
    with patch.object(S3File, "read", side_effect=AssertionError("fetched whole")):
        piece = bob.client.get(address, headers={"range": "bytes=4-7"})
        assert len(bob.client.get(address).content) == len(MADE["m4a"])
        with patch("feedback.handing_out.SLICE", 100):
            assert len(bob.client.get(address).getvalue()) == len(MADE["m4a"])
    assert piece.content == b"ftyp" and piece["Content-Range"].startswith("bytes 4-7/")
    assert anna.client.get(address).status_code == otto.client.get(address).status_code == 404
    default_storage.save(f"feedback/{fact.tenant_id}/left.wav", ContentFile(MADE["wav"]))
    with ada.scope:
        assert files.remove_orphans(now=timezone.now()) == 0
        assert files.remove_orphans(now=timezone.now() + timedelta(days=2)) == 1
    assert [one.key for one in bucket.objects.all()] == [fact.file]
    bucket.Object(fact.file).delete()
    assert bob.client.get(address).status_code == 404


def put(folder: Any, days: int) -> str:
    name: str = default_storage.save(f"feedback/{folder}/{uuid4()}.wav", ContentFile(MADE["wav"]))
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(default_storage.path(name), (then, then))
    return name


def test_files_that_no_row_names_go_after_a_day(ada: Any, bob: Any, tag: Any) -> None:
    send(ada, bob, tag)
    with ada.scope:
        kept = FeedbackFact.objects.get().file
        mine = FeedbackFact.objects.get().tenant_id
    old, fresh, theirs = put(mine, 2), put(mine, 0), put(mine + 1, 2)
    then = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(default_storage.path(kept), (then, then))
    run_three_times(tasks.remove_orphans, tenant_id=mine, payload={}, now=timezone.now())
    assert [default_storage.exists(name) for name in (kept, old, fresh, theirs)] == [True, False, True, True]
    with ada.scope:
        Feedback.objects.all().delete()
        assert files.remove_orphans(now=timezone.now()) == 1
    assert not default_storage.exists(kept)
