from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Failed sign-ins of the test before are not this one's."""
    cache.clear()
    yield
    cache.clear()
