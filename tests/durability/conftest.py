"""Which of the durability tests this system can run."""

from __future__ import annotations

import sys

RECORDED = ["test_power_cut.py", "test_power_cut_operator.py"]

# Writes are recorded by strace, which only Linux has; the log is the same elsewhere.
collect_ignore = [] if sys.platform == "linux" else RECORDED
