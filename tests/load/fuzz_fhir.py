"""Ten thousand mutated bodies for the FHIR door: an own command, not part of the suite.

    .local/venv/bin/python -m pytest -p mscc.local.testing -n0 tests/load/fuzz_fhir.py -s

MSCC_FUZZ_COUNT and MSCC_FUZZ_SEED change how many are sent, and which.
"""

import os
from collections import Counter
from time import monotonic
from typing import Any

import pytest

from governance.identity_verification import verify_by_line
from kernel.time import now
from ledger.check import verify as verify_ledger
from referrals.case.models import Patient, Referral
from tests.builders import set_the_scene
from tests.machines.fhir import FhirMachine
from tests.machines.test_bad_fhir import fuzz
from tests.scenery import undone

CHECKED = 20  # one in so many answers is held against FHIR, which takes longer than to answer
AT_ONCE = 500  # a fresh client and an empty database for each


class Fuzzer(FhirMachine):
    """A client that holds some of its answers against FHIR; none may be 5xx."""

    answers = 0

    def check(self, answer: Any) -> None:
        self.answers += 1
        if self.answers % CHECKED == 0:
            super().check(answer)


@pytest.mark.django_db
def test_no_body_breaks_the_door() -> None:
    count, seed = int(os.environ.get("MSCC_FUZZ_COUNT", "10000")), int(os.environ.get("MSCC_FUZZ_SEED", "1"))
    answers: Counter[int] = Counter()
    began = monotonic()
    for part in range(0, count, AT_ONCE):
        with undone():
            set_the_scene(at=now())
            answers.update(fuzz(Fuzzer(), count=min(AT_ONCE, count - part), seed=seed + part))
            assert Referral.objects.count() == Patient.objects.count()
            assert verify_ledger()[1] is None
            assert verify_by_line()[1] is None  # no row without its line, no line without its row
    print(f"{sum(answers.values())} bodies in {monotonic() - began:.0f} s:", dict(sorted(answers.items())))
    assert max(answers) < 500
