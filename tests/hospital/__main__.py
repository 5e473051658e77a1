"""A simulated hospital for a simulated month: an own command, not part of the suite.

.local/venv/bin/python -m tests.hospital                          # 200 patients, 30 days
.local/venv/bin/python -m tests.hospital --patients 40 --seed 3
"""

import argparse
import os
import sys

import pytest


def main() -> int:
    """Play the month on servers of its own; not 0 when the two sides disagree."""
    parser = argparse.ArgumentParser(prog="python -m tests.hospital")
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ["MSCC_HOSPITAL"] = f"{asked.patients} {asked.days} {asked.seed}"
    return pytest.main(["-p", "mscc.local.testing", "-n0", "-s", "tests/hospital/whole_month.py"])


if __name__ == "__main__":
    sys.exit(main())
