"""Hints between hubs of one process."""

from __future__ import annotations

import pytest

from jupyter_collab.broker.memory import MemoryBroker
from tests.broker.contract import BrokerContract


@pytest.fixture
def make_broker() -> type[MemoryBroker]:
    return MemoryBroker


class TestMemoryBroker(BrokerContract):
    """See the contract."""
