"""A configuration is judged in sentences, before anything is read with it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import override

from integrations.adapters.declared import TYPES
from integrations.adapters.registry import ADAPTERS, adapter_named
from integrations.checking import check_config, opens_doors
from integrations.models import EvidenceType
from integrations.presets import PRESETS
from perfsys.jobs.schedules import parse_rule
from tests.integrations.adapters.test_read_json_pages import CONFIG

Change = Callable[[dict[str, Any]], Any]


def changed(change: Change, preset: str = "crm") -> list[str]:
    config = copy.deepcopy({**PRESETS[preset].config, "base_url": "https://crm.example.com/api"})
    if preset == "plm":
        del config["base_url"]
    change(config)
    with override("en"):
        return check_config(PRESETS[preset].adapter, config)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fits_once_its_questions_are_answered(name: str) -> None:
    preset = PRESETS[name]
    answers = {"base_url": "https://crm.example.com/api", "auth": "api_key", "folder": "plm"}
    asked = {field: answers[field] for field in preset.asks}
    assert check_config(preset.adapter, {**preset.config, **asked}) == []
    assert preset.name == name and preset.adapter in ADAPTERS
    assert asked.keys() <= adapter_named(preset.adapter).schema["properties"].keys()
    assert parse_rule(preset.schedule)


def test_a_folder_may_stay_empty_and_an_address_may_not() -> None:
    assert check_config("csv_drop", PRESETS["plm"].config) == []
    assert check_config("rest_json", PRESETS["crm"].config) != []


def test_the_presets_name_what_they_are_evidence_of() -> None:
    drawing = {"kind": "图纸", "number": "HR-DW-26184", "project": ""}
    rework = {"kind": "返工工单", "number": "RW-1", "project": "PRJ-26-133"}

    def named(preset: str, stream: int, data: dict[str, str]) -> set[tuple[str, str, bool]]:
        names = adapter_named(PRESETS[preset].adapter).streams(PRESETS[preset].config)[stream].names
        return {(name.type, number, name.own) for name in names if (number := name.number_in(data))}

    assert named("plm", 0, drawing) == {("document", "HR-DW-26184", True)}
    assert named("plm", 0, rework) == {("work_order", "RW-1", True), ("project", "PRJ-26-133", False)}
    customer = {"customer_id": "C10008"}
    assert [named("crm", stream, customer) for stream in range(3)] == [
        {("customer", "C10008", True)},
        {("customer", "C10008", False)},
        {("customer", "C10008", False)},
    ]
    assert named("crm", 0, {}) == set()


def test_an_adapter_that_is_not_installed_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        check_config("odata", {})


def set_in(stream: int, **values: Any) -> Change:
    return lambda config: config["streams"][stream].update(values)


def set_field(place: int, **values: Any) -> Change:
    return lambda config: config["streams"][0]["fields"][place].update(values)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.pop("streams"), "“{}” needs a “streams”."),
        (lambda c: c["streams"][1].pop("key"), "“streams.2” needs a “key”."),
        (lambda c: c.update(streams=[]), "“streams” must not be empty."),
        (lambda c: c.update(steams=[]), "“{}” holds something that is not known here: check its spelling."),
        (lambda c: c.update(base_url="crm.example.com"), "“base_url” is not written as it should be."),
        (lambda c: c.update(base_url="https://u:p@crm.example.com"), "“base_url” is not written as it should be."),
        (lambda c: c.update(base_url="https://a.example/?key=1"), "“base_url” is not written as it should be."),
        (lambda c: c.update(base_url="https://a.example/\n"), "“base_url” is not written as it should be."),
        (lambda c: c.update(auth="basic"), "“auth” must be one of: none, bearer, api_key."),
        (lambda c: c.update(records=7), "“records” must be text."),
        (lambda c: c.update(headers={"Host": "x"}), "“headers” is not written as it should be."),
        (lambda c: c.update(headers={"X-A": "a\nb"}), "“headers.X-A” is not written as it should be."),
        (lambda c: c["ok"].pop("equals"), "“ok” needs a “equals”."),
        (set_in(0, overlap_minutes=-1), "“streams.1.overlap_minutes” is beyond its limit of 0."),
        (set_field(0, type="money"), f"“streams.1.fields.1.type” must be one of: {', '.join(TYPES)}."),
        (set_field(0, required="yes"), "“streams.1.fields.1.required” must be true or false."),
        (set_in(0, path="customers?x=1"), "“streams.1.path” is not written as it should be."),
        (set_in(0, names=[{"type": "x", "field": "name", "when": "level"}]), "“streams.1.names.1” needs a “among”."),
        (set_in(0, title="titel"), "“customers” speaks of a field “titel” that is not mapped."),
        (set_in(0, key=["customer_id", "nr"]), "“customers” speaks of a field “nr” that is not mapped."),
        (set_in(0, happened="name"), "“name” says when something happened, so it must be of type time or day."),
        (set_in(0, deleted="level"), "“level” says whether it was deleted, so it must be of type yes."),
        (set_field(1, name="level"), "“customers” maps two fields called “level”."),
        (set_in(1, name="customers"), "Two lists are called “customers”."),
        (
            set_in(0, names=[{"type": "client", "field": "customer_id"}]),
            f"“client” is no kind of evidence; there are: {', '.join(EvidenceType.values)}.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_place(change: Change, sentence: str) -> None:
    assert sentence in changed(change)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c: c.update(folder="../globex"), "folder"),
        (lambda c: c.update(folder=".."), "folder"),
        (lambda c: c.update(folder="/etc"), "folder"),
        (set_in(0, pattern="PLM_{mm}.csv"), "streams.1.pattern"),
        (set_in(0, pattern="../{yyyymmdd}"), "streams.1.pattern"),
        (set_in(0, trailer="#EOF"), "streams.1.trailer"),
        (set_in(0, due="25:00"), "streams.1.due"),
    ],
)
def test_places_of_files_are_checked(change: Change, place: str) -> None:
    assert changed(change, "plm") == [f"“{place}” is not written as it should be."]


def test_no_value_is_repeated_in_a_sentence() -> None:
    """Somebody types the password into the wrong field."""
    typed = "hunter2-hunter2"
    for change in (
        lambda c: c.update(auth=typed),
        lambda c: c.update(base_url=typed),
        lambda c: c.update({typed: 1}),
        lambda c: c.update(headers={"X": typed + "\n"}),
    ):
        sentences = changed(change)
        assert sentences and not any(typed in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("change", "place", "field"),
    [
        (lambda c: c.update(headers={"Authorization": "Bearer x"}), "headers.Authorization", "auth_header"),
        (lambda c: c.update(headers={"X-Company": "7", "X-API-Key": "x"}), "headers.X-API-Key", "auth_header"),
        (set_in(1, params={"size": "50", "access_token": "x"}), "streams.2.params.access_token", "auth_param"),
    ],
)
def test_a_key_does_not_stand_in_plain_text(change: Change, place: str, field: str) -> None:
    (sentence,) = changed(change)
    assert sentence.startswith(f"“{place}” looks like what it signs in with") and f"“{field}”" in sentence


@pytest.mark.parametrize(
    "name",
    [
        "authorization", "X-Api-Key", "apikey", "appSecret", "access-token", "key", "PWD", "sign", "Cookie", "user_pwd",
        "appSign",
    ],
)  # fmt: skip
def test_names_of_keys_are_known(name: str) -> None:
    assert opens_doors(name)


@pytest.mark.parametrize(
    "name", ["size", "sort_key", "author", "X-Company", "signed_after", "passed", "status", "lang"]
)
def test_other_names_are_not_taken_for_keys(name: str) -> None:
    assert not opens_doors(name)


def test_a_key_may_go_into_a_header_or_a_parameter_that_is_named() -> None:
    assert changed(lambda c: c.update(auth="api_key", auth_header="X-Auth-Token")) == []
    assert changed(lambda c: c.update(auth="api_key", auth_param="access_token")) == []
    assert changed(lambda c: (c.pop("auth"), c.update(auth_param="key"))) == ["“{}” needs a “auth”."]


def test_a_hundred_faults_are_not_all_told() -> None:
    assert len(changed(lambda c: c["streams"][0].update(fields=[{"name": f"f{n}", "x": n} for n in range(100)]))) <= 20


def test_a_small_configuration_is_enough() -> None:
    assert check_config("rest_json", CONFIG) == []
