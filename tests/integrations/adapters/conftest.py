from collections.abc import Iterator

import pytest
import stamina

from integrations.reach import ATTEMPTS
from tests.integrations.adapters.sources import TOKEN, FaultyCrm, faulty_crm


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """As often as in earnest, without the seconds between."""
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture
def crm() -> Iterator[FaultyCrm]:
    with faulty_crm(token=TOKEN) as server:
        yield server
