"""Tells each kernel of `pytest --nbval` which notebook it runs, as a Jupyter server does."""

from __future__ import annotations

import os

import pytest

__all__ = ["pytest_runtest_setup"]


@pytest.hookimpl(tryfirst=True)  # a kernel starts in the set-up of its first cell
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Sets what the kernel's environment will be."""
    os.environ["JPY_SESSION_NAME"] = str(item.path)
