"""Files and letters: told by content, quarantined, downloaded and never rendered, verified without a name."""

import io
import os
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageFile, PngImagePlugin

from accounts import service as services
from kernel.refusals import Invalid
from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from mdt.usecases.list_for_mdt import list_for_mdt
from oncall.locks import PACKING, alone
from referrals.case.models import Attachment, DowntimePack, Referral
from referrals.correspondence import downtime
from referrals.correspondence.downtime import contents, make_pack_if_due
from referrals.correspondence.files import LARGEST, drawn_again, read_file
from referrals.correspondence.virus_scan import scan_next
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from tests.builders import act_by, actor, set_the_scene, submitted, triaged
from tests.doors.forms import every_view, signed_in

pytestmark = pytest.mark.django_db
EICAR = b"%PDF-1.7 infected"


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


@pytest.fixture
def clamd(tmp_path: Path, settings: Any) -> Iterator[list[bytes]]:
    """A scanner that speaks clamd's INSTREAM over a socket; it knows one virus, and keeps what it was sent."""
    place, seen = tmp_path / "c.sock", list[bytes]()
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(place))
    server.listen()

    def serve() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            with caller, caller.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack("!L", said.read(4))[0]:
                    content += said.read(length)
                seen.append(content)
                verdict = b"Eicar-Test FOUND" if b"infected" in content else b"OK"
                caller.sendall(b"stream: " + verdict + b"\0")

    threading.Thread(target=serve, daemon=True).start()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, clamav=str(place))
    yield seen
    server.close()


def picture(kind: str = "PNG", **more: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(made, kind, **more)
    return made.getvalue()


def send(case: Referral, content: bytes, name: str = "scan.pdf", by: str = "gp") -> Any:
    upload = SimpleUploadedFile(name, content, content_type="text/html")
    return signed_in(by).post(reverse("attach", args=[case.reference]), {"file": upload})


class TestWhatIsKept:
    def test_content_tells_the_type_whatever_the_name_says(self) -> None:
        assert read_file("x.exe", b"%PDF-1.7 ...").content_type == "application/pdf"
        assert read_file("report", b"\0" * 128 + b"DICM...").name == "report.dcm"
        assert read_file("../../etc/pass\u202ewd.png", picture()).name.endswith(".png")
        for content in (
            b"",
            b"<html><script>",
            b"MZ\x90",
            b"GIF89a",
            b"\x89PNG broken",
            b"x" * (LARGEST + 1),
        ):
            with pytest.raises(Invalid):
                read_file("x.pdf", content)

    def test_a_picture_is_made_anew_without_what_hides_in_it(self) -> None:
        note = PngImagePlugin.PngInfo()
        note.add_text("GPS", "where the person lives")
        dirty = picture(pnginfo=note) + b"<script>alert(1)</script>"
        clean = drawn_again(read_file("x.png", dirty).content)
        assert b"lives" not in clean
        assert b"script" not in clean
        assert Image.open(io.BytesIO(clean)).getpixel((0, 0))[:3] == (255, 0, 0)

    def test_a_picture_with_too_many_pixels_is_refused(self) -> None:
        made = io.BytesIO()
        Image.new("1", (9000, 9000)).save(made, "PNG")
        with pytest.raises(Invalid, match="file is not added"):
            read_file("x.png", made.getvalue())


class TestQuarantine:
    def test_without_a_scanner_it_is_held_and_the_page_says_so(self) -> None:
        case = submitted("weakness", at=now())
        assert send(case, b"%PDF-1.7").status_code == 302
        assert scan_next(at=now()) is None
        row = Attachment.objects.get()
        page = signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode()
        assert "no virus scanner is set up here" in page
        assert reverse("attachment", args=[case.reference, row.pk]) not in page
        assert signed_in("gp").get(reverse("attachment", args=[case.reference, row.pk])).status_code == 409

    def test_a_clean_file_is_downloaded_and_never_rendered(self, clamd: list[bytes]) -> None:
        case = submitted("weakness", at=now())
        send(case, b"%PDF-1.7 " + b"x" * 200_000)
        assert scan_next(at=now()) is True
        assert len(clamd[0]) == 200_009
        answer = signed_in("coordinator").get(
            reverse("attachment", args=[case.reference, Attachment.objects.get().pk])
        )
        assert answer["Content-Disposition"].startswith("attachment;")
        assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"][:7]) == (
            "nosniff",
            "sandbox",
        )
        assert answer.content.startswith(b"%PDF")

    def test_a_picture_is_drawn_by_the_worker_and_a_damaged_one_removed(
        self, clamd: list[bytes], monkeypatch: Any
    ) -> None:
        case = submitted("weakness", at=now())
        note = PngImagePlugin.PngInfo()
        note.add_text("GPS", "where the person lives")
        whole, damaged = picture(pnginfo=note), picture("JPEG", quality=95)[:-6]
        with monkeypatch.context() as patched:
            patched.setattr(ImageFile.ImageFile, "load", None)  # no pixel is touched in the request
            send(case, whole, "whole.png")
            assert send(case, damaged, "damaged.jpg").status_code == 302
        assert [scan_next(at=now()) for _ in range(3)] == [True, True, None]
        kept, removed = Attachment.objects.order_by("pk")
        assert kept.state == "clean"
        assert b"lives" not in bytes(kept.content)
        assert (removed.state, bytes(removed.content)) == ("unreadable", b"")
        page = signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode()
        assert "this picture is damaged. Send it again" in page
        assert (
            signed_in("gp").get(reverse("attachment", args=[case.reference, removed.pk])).status_code == 409
        )

    def test_an_infected_file_is_emptied_and_cannot_be_had(self, clamd: list[bytes]) -> None:
        case = submitted("weakness", at=now())
        send(case, EICAR)
        assert scan_next(at=now()) is True
        row = Attachment.objects.get()
        assert (row.state, bytes(row.content), row.finding) == ("infected", b"", "Eicar-Test")
        assert signed_in("gp").get(reverse("attachment", args=[case.reference, row.pk])).status_code == 409

    def test_a_scanner_that_cannot_be_asked_holds_the_file_and_is_asked_again(
        self, settings: Any, tmp_path: Path
    ) -> None:
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, clamav=str(tmp_path / "nobody"))
        send(submitted("weakness", at=now()), b"%PDF-1.7")
        assert scan_next(at=now()) is False
        assert scan_next(at=now()) is None  # not at once
        assert scan_next(at=now() + timedelta(minutes=2)) is False
        assert Attachment.objects.get().state == "held"

    def test_the_same_file_twice_is_one(self) -> None:
        case = submitted("weakness", at=now())
        for _ in range(2):
            send(case, b"%PDF-1.7")
        assert Attachment.objects.count() == 1

    def test_nobody_else_adds_or_reads(self, clamd: list[bytes]) -> None:
        case = submitted("weakness", at=now())
        send(case, b"%PDF-1.7")
        scan_next(at=now())
        number = Attachment.objects.get().pk
        for username in ("ward", "mdt", "admin", "lead"):
            assert signed_in(username).get(
                reverse("attachment", args=[case.reference, number])
            ).status_code in (403, 404)
            assert send(case, b"%PDF-1.8", by=username).status_code in (403, 404)

    def test_an_mdt_member_opens_the_files_of_a_case_on_their_list_and_the_ledger_says_so(
        self, clamd: list[bytes]
    ) -> None:
        listed, other = triaged("weakness", at=now()), triaged("weakness", at=now())
        list_for_mdt(listed.reference, question="surgery", text="What now?", act=act_by("coordinator", now()))
        for case in (listed, other):
            send(case, b"%PDF-1.7 " + case.reference.encode())
            scan_next(at=now())
        member = signed_in("mdt")
        address = reverse("attachment", args=[listed.reference, listed.attachments.get().pk])
        assert address in member.get(reverse("mdt_case", args=[listed.reference])).content.decode()
        answer = member.get(address)
        assert (answer.status_code, answer["Content-Disposition"][:11]) == (200, "attachment;")
        viewed = entries(Search(case=listed.pk, kind=str(Kind.DOCUMENT_VIEWED)))[0]
        assert (viewed.actor, viewed.facts["part"]) == (actor("mdt").key, "attachment")
        theirs = other.attachments.get().pk
        assert member.get(reverse("attachment", args=[other.reference, theirs])).status_code == 404
        assert member.get(reverse("attachment", args=[listed.reference, theirs])).status_code == 404
        assert send(listed, b"%PDF-1.8", by="mdt").status_code == 403


class TestLetters:
    def issued(self, case: Referral, kind: str = "advice") -> Any:
        return issue_letter(case.reference, kind, recipient="Dr Anand", act=act_by("coordinator", now()))

    def verify(self, code: str) -> str:
        return Client().post(reverse("verify_letter"), {"code": code}).content.decode()

    def test_whoever_holds_it_learns_whether_it_is_ours_and_newest_and_no_name(self) -> None:
        case = triaged("weakness", at=now())
        first = self.issued(case)
        assert "We issued this letter, and it is the newest version" in self.verify(first.code.lower())
        assert case.patient.family_name not in self.verify(first.code)
        second = self.issued(case)
        assert "There is a newer version" in self.verify(first.code)
        assert "it is the newest version" in self.verify(second.code)
        assert "did not issue this letter" in self.verify("2222-2222-2222")
        mark_entered_in_error(case.reference, text="Wrong patient", by=actor("coordinator"), at=now())
        assert "This letter is void" in self.verify(second.code)

    def test_opening_it_is_reading_it(self) -> None:
        case = triaged("weakness", at=now())
        letter = self.issued(case)
        answer = signed_in("gp").get(reverse("letter", args=[case.reference, letter.pk]))
        assert answer.content.startswith(b"%PDF")
        assert "read by Dr Priya Anand" in every_view(signed_in("coordinator"), case)
        gp_copy = self.issued(case, "gp")
        assert signed_in("gp").get(reverse("letter", args=[case.reference, gp_copy.pk])).status_code == 404


class TestDowntime:
    def test_the_pack_of_the_day_is_made_once_and_holds_the_live_rota(self) -> None:
        six = now().replace(hour=6, minute=5)
        assert make_pack_if_due(at=six.replace(hour=5, minute=0)) is None
        assert make_pack_if_due(at=six) is not None
        assert make_pack_if_due(at=six + timedelta(hours=3)) is None
        said = contents(service=services.current(), at=now())
        assert ["MSCC coordinator", "Sister Grace Okoro", "01632 960103"] in [row[:3] for row in said["tree"]]
        assert all(len(part) > 1 for part in said["coming"])
        lines = [line for section in said["form"] for line in section["lines"]]
        assert any("Weakness of an arm or leg (Yes / No / Not assessed)" in line for line in lines)

    @pytest.mark.parametrize(
        "question",
        [
            "Saddle numbness, or loss of sphincter control or anal tone",
            "Symptoms or signs that suggest the spine is unstable",
            "Is MRI contraindicated?",
        ],
    )
    def test_a_question_on_the_blank_form_has_its_answers_beside_it(self, question: str) -> None:
        form = contents(service=services.current(), at=now())["form"]
        lines = [line for section in form for line in section["lines"] if line.startswith(question)]
        assert lines == [f"{question} (Yes / No / Not assessed):"]

    def test_of_two_workers_that_are_asked_at_once_one_makes_it(self) -> None:
        six = now().replace(hour=6, minute=5)
        with alone(PACKING):  # the other worker has begun
            assert make_pack_if_due(at=six) is None
        assert not DowntimePack.objects.exists()
        assert make_pack_if_due(at=six) is not None

    def test_a_folder_that_does_not_answer_holds_nobody(
        self, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = tmp_path / "downtime-pack.pdf"
        os.mkfifo(place)  # whoever opens it to read waits for somebody who writes
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, downtime_folder=str(tmp_path))
        monkeypatch.setattr(downtime.COPYING, "seconds", 0.3)
        assert signed_in("lead").post(reverse("downtime")).status_code == 302
        assert DowntimePack.objects.exists()
        place.write_bytes(b"")

    def test_it_goes_to_a_folder_and_by_mail(
        self, settings: Any, tmp_path: Path, mailoutbox: list[Any]
    ) -> None:
        from accounts.models import Setting

        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, downtime_folder=str(tmp_path))
        Setting.objects.create(pk="downtime_email", value="ward@example.nhs.uk, gp@example.nhs.uk")
        assert signed_in("lead").post(reverse("downtime")).status_code == 302
        assert (tmp_path / "downtime-pack.pdf").read_bytes().startswith(b"%PDF")
        assert mailoutbox[-1].to == ["ward@example.nhs.uk", "gp@example.nhs.uk"]
        assert signed_in("gp").get(reverse("downtime_pack")).content.startswith(b"%PDF")
        assert signed_in("gp").post(reverse("downtime")).status_code == 403
        assert DowntimePack.objects.count() == 1
