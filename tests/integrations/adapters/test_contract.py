"""The suite every adapter inherits, run by those that are built in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integrations.adapters.base import Context
from integrations.adapters.contract import AdapterContract
from integrations.adapters.csv_drop import CsvDrop
from integrations.adapters.odata import OData
from integrations.adapters.registry import ADAPTERS
from integrations.adapters.rest_json import RestJson
from integrations.adapters.sql import Sql, SqlFile
from integrations.adapters.webhook import Webhook
from integrations.presets import PRESETS
from perfsys.demo import plm
from tests.integrations.adapters.sources import NOW, SHANGHAI, FaultyCrm, Nowhere, context_to, crm_config

CRM = json.loads((Path(__file__).parents[2] / "data" / "crm.expected.json").read_text())


class TestRestJson(AdapterContract):
    adapter = RestJson()
    repeats = {name: CRM[name]["lines"] - CRM[name]["unique"] for name in ("customers", "opportunities", "visits")}

    @pytest.fixture(autouse=True)
    def _source(self, crm: FaultyCrm) -> None:
        self.crm, self.config = crm, crm_config(crm)

    def context(self) -> Context:
        return context_to(self.crm)

    def expected(self) -> Mapping[str, int]:
        return {"customers": 40, "opportunities": 320, "visits": 760}


class TestCsvDrop(AdapterContract):
    adapter = CsvDrop()
    config: Mapping[str, Any] = {**PRESETS["plm"].config, "folder": "plm"}

    @pytest.fixture(autouse=True)
    def _source(self, tmp_path: Path, settings: Any) -> None:
        settings.INTEGRATION_DROPS = tmp_path
        folder = tmp_path / "acme" / "plm"
        folder.mkdir(parents=True)
        for name, content in list(plm.dropped())[-12:]:
            (folder / name).write_bytes(content)

    def context(self) -> Context:
        return Context(outside=Nowhere(), zone=SHANGHAI, now=NOW, tenant="acme")

    def expected(self) -> Mapping[str, int]:
        return {"changes": 71}  # of 9 to 20 November 2026


def test_every_adapter_is_called_as_it_is_registered() -> None:
    assert {name: adapter.name for name, adapter in ADAPTERS.items()} == {name: name for name in ADAPTERS}
    assert {type(adapter) for adapter in ADAPTERS.values()} == {RestJson, OData, CsvDrop, Sql, SqlFile, Webhook}
