"""Garbage collection in a process that serves requests or runs tasks."""

import gc


def spare_what_stays() -> None:
    """Leave everything loaded at the start out of every later collection.

    A full collection goes through everything that a process has loaded, a quarter of a second in the middle of a
    request. Call it once in each process, when its modules are loaded.
    """
    gc.collect()
    gc.freeze()
