"""The tasks of referrals that Celery beat starts: self-test, unmatched facts, virus scan, downtime pack."""

from datetime import timedelta

from celery import shared_task

from oncall.locks import SCANNING, alone
from oncall.present import present
from referrals.correspondence.downtime import make_pack_if_due
from referrals.correspondence.virus_scan import scan_next
from referrals.usecases.keep_unmatched_fact import page_about_unmatched
from referrals.usecases.run_self_test import run_self_test

AT_A_TIME = timedelta(seconds=20)


@shared_task(name="referrals.self_test")
def self_test() -> None:
    """Answer finished self-tests, raise an alarm for late ones, and start one when it is due."""
    run_self_test(at=present())


@shared_task(name="referrals.unmatched")
def unmatched() -> None:
    """A task of its own, so that its faults delay no notice."""
    page_about_unmatched(at=present())


@shared_task(name="referrals.scan")
def scan() -> None:
    """Scan waiting files for viruses for up to 20 seconds; nothing while another worker scans."""
    ends = present() + AT_A_TIME
    with alone(SCANNING) as mine:
        while mine and present() < ends and scan_next(at=present()) is not None:
            pass


@shared_task(name="referrals.downtime_pack")
def downtime_pack() -> None:
    """Make today's downtime pack after 6am, unless it exists."""
    make_pack_if_due(at=present())
