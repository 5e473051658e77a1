"""Django looks for the tables of an app here; those of a case are in `case/models`."""

import referrals.case.models  # noqa: F401  # read for its tables
