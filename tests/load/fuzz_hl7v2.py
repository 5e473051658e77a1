"""Ten thousand mutated HL7 v2 messages, and the bytes of MLLP around them: an own command, not part of the suite.

    .local/venv/bin/python -m pytest -p mscc.local.testing -n0 tests/load/fuzz_hl7v2.py -s

MSCC_FUZZ_COUNT and MSCC_FUZZ_SEED change how many are sent, and which.
"""

import os
import random
from collections import Counter
from time import monotonic

import pytest

from accounts.models import ApiClient
from api.hl7v2.answers import answer_message
from api.hl7v2.frames import Frames, NoFrame, framed
from governance.identity_verification import verify_by_line
from kernel.actors import Actor
from kernel.time import now
from ledger.check import verify as verify_ledger
from referrals.case.models import Event, Patient, Referral, UnmatchedFact
from tests.builders import set_the_scene
from tests.doors.machines import Machine
from tests.machines.fhir import referral
from tests.machines.test_hl7v2 import adt, oru
from tests.machines.test_unread import OWN, a40
from tests.scenery import undone

AT_ONCE = 500  # an empty database for each
ODD = ("|", "^", "~", "\\", "&", "\r", "\n", "\x00", "\x0b", "\x1c", "9", "é", "‮", "", "x" * 300, '""')


def messages(dice: random.Random) -> list[str]:
    """Everything that this door takes: about somebody who is known, and about strangers."""
    known, strange = referral(patient__local_id="OLD-1"), referral()["patient"]
    assert Machine().post("referrals/", known, key="r").status_code == 201
    found = []
    for person in (known["patient"], strange):
        found += [
            oru(person),
            oru(person, result="", status="P"),
            oru(person, status="X"),
            adt("A01", person),
        ]
        found += [
            adt("A03", person),
            adt("A08", person, more="|" * 21 + "202611200900|Y"),
            a40(person, f"OLD-1{OWN}"),
        ]
    return found


def mutated(text: str, dice: random.Random) -> str:
    """The message with one to three places made odd: a character, a field, or a segment."""
    for _ in range(dice.randint(1, 3)):
        how, lines = dice.random(), text.split("\r")
        if how < 0.5:
            place = dice.randrange(max(len(text), 1))
            text = text[:place] + dice.choice(ODD) + text[place + 1 :]
        elif how < 0.8:
            line = dice.randrange(len(lines))
            fields = lines[line].split("|")
            fields[dice.randrange(len(fields))] = dice.choice(
                (*ODD, "20261301", "MSCC-7K3QF-X", "-1", "^^^^")
            )
            lines[line] = "|".join(fields)
            text = "\r".join(lines)
        elif how < 0.9:
            text = "\r".join([*lines, dice.choice(lines)])
        else:
            rest = lines[1:]
            dice.shuffle(rest)
            text = "\r".join([lines[0], *rest])
    return text


def fuzz(by: Actor, *, count: int, seed: int) -> Counter[str]:
    """Send mutations, as the door and as the listener read them, and count the answers by their code."""
    dice, answers = random.Random(seed), Counter[str]()
    good = messages(dice)
    for _ in range(count):
        raw = mutated(dice.choice(good), dice).encode("utf-8", "surrogatepass")
        frames = Frames(most=100_000)
        wire = framed("").replace(b"\x1c\r", raw + b"\x1c\r")
        try:
            for message in frames.feed(wire):
                assert b"\x1c" not in message
        except NoFrame:
            answers["no frame"] += 1
        answer = answer_message(raw, by=by)
        assert answer.status < 500
        assert answer.text.startswith("MSH|^~\\&|")
        assert framed(answer.text).count(b"\x0b") == 1
        answers[answer.text.split("\rMSA|")[1][:2]] += 1
    return answers


@pytest.mark.django_db
def test_no_message_breaks_the_door() -> None:
    count, seed = int(os.environ.get("MSCC_FUZZ_COUNT", "10000")), int(os.environ.get("MSCC_FUZZ_SEED", "1"))
    answers: Counter[str] = Counter()
    events = kept = 0
    began = monotonic()
    for part in range(0, count, AT_ONCE):
        with undone():
            set_the_scene(at=now())
            by = ApiClient.objects.get().actor
            answers.update(fuzz(by, count=min(AT_ONCE, count - part), seed=seed + part))
            assert Referral.objects.count() == Patient.objects.count() == 1
            assert verify_ledger()[1] is None
            assert verify_by_line()[1] is None  # no row without its line, no line without its row
            events, kept = events + Event.objects.count(), kept + UnmatchedFact.objects.count()
    seconds = monotonic() - began
    print(
        f"{count} messages in {seconds:.0f} s: {dict(answers)}; {events} facts, {kept} kept for a coordinator"
    )
    assert {"AA", "AE", "AR"} <= set(answers)
