"""The adapter written out in docs/adapters/README.md, taken from there word for word, keeps the contract."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.adapters.base import AdapterBroken, Context
from integrations.adapters.contract import AdapterContract
from tests.integrations.adapters.sources import NOW

README = Path(__file__).parents[3] / "docs" / "adapters" / "README.md"
WEIGHINGS = [
    {"id": n, "order": {"number": f"WO-{n % 40}"}, "weights": [9000, 9000 + n], "at": f"2026-11-20T08:{n % 60:02}:00"}
    for n in range(1, 251)
]


class Scales:
    """Hands out a hundred at a time."""

    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        assert url == "https://scales.example.com/weighings" and headers["X-API-Key"]
        after = int(params["after"] or 0)
        return [each for each in WEIGHINGS if each["id"] > after][:100]


class Stuck:
    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        return [{"id": 7}] * 100


told: dict[str, Any] = {
    "AdapterContract": AdapterContract,
    "Context": Context,
    "Scales": Scales,
    "ZoneInfo": ZoneInfo,
    "NOW": NOW,
    "__name__": __name__,
}
for block in re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL):
    exec(compile(block, str(README), "exec"), told)  # noqa: S102 our own words
TestWeighbridge = told["TestWeighbridge"]


def test_its_pages_do_not_go_round() -> None:
    context = Context(outside=Stuck(), zone=ZoneInfo("Asia/Shanghai"), now=NOW, tenant="acme", secret={"key": "k"})
    adapter = told["Weighbridge"]()
    config = {"address": "https://scales.example.com"}
    with pytest.raises(AdapterBroken, match="goes_round"):
        list(adapter.pages(config, adapter.streams(config)[0], context, since="", position=None))
