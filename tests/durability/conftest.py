"""Which of the durability tests this system can run."""

from __future__ import annotations

import sys

# Writes are recorded by strace, which only Linux has; the log is the same elsewhere.
collect_ignore = [] if sys.platform == "linux" else ["test_power_cut.py"]
