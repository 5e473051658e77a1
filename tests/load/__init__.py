"""Load and speed, measured by commands of their own; never part of the suite.

.local/venv/bin/python -m tests.load            # everything
.local/venv/bin/python -m tests.load evaluate   # one part: evaluate, submit, worklist
"""
