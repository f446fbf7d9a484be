"""What a connection signs in with: sealed for one place, opened by any key of ours, moved to the first."""

import base64
import io
import json
import os
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from integrations import sealing
from integrations.adapters.contract import CANARY, everything_logged
from integrations.models import Connection, Secret
from integrations.sealing import CannotOpen, seal, unseal
from tests.cast import Person

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def a_key(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(os.urandom(32)).decode()}"


OLD, NEW = a_key("2026a"), a_key("2026b")


def a_row(secret: dict[str, str], *, tenant_id: int = 1, connection_id: int = 7) -> Secret:
    sealed = seal(secret, tenant_id=tenant_id, connection_id=connection_id)
    return Secret(tenant_id=tenant_id, connection_id=connection_id, **sealed._asdict())


def keep(person: Person, secret: dict[str, str]) -> Secret:
    """On a connection of this person's company."""
    with person.scope:
        connection = Connection.objects.create(
            name=f"CRM {Connection.objects.count()}", adapter="rest_json", owner=person.employee, made_at=NOW
        )
        sealed = seal(secret, tenant_id=person.tenant_id, connection_id=connection.pk)
        return Secret.objects.create(connection=connection, set_at=NOW, set_by=person.employee, **sealed._asdict())


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=4))
def test_what_was_sealed_is_opened_letter_by_letter(secret: dict[str, str]) -> None:
    secret = {name: value for name, value in secret.items() if (name + value).isprintable()}
    row = a_row(secret)
    assert unseal(row) == secret
    assert len(row.nonce) == 12
    assert all(len(value) < 8 or value.encode() not in row.sealed for value in secret.values())


def test_the_same_secret_is_never_sealed_alike() -> None:
    first, second = a_row({"token": "t"}), a_row({"token": "t"})
    assert first.nonce != second.nonce and first.sealed != second.sealed


@pytest.mark.parametrize("place", [{"tenant_id": 2}, {"connection_id": 8}, {"tenant_id": 7, "connection_id": 1}])
def test_a_sealed_secret_copied_elsewhere_does_not_open(place: dict[str, int]) -> None:
    row = a_row({"token": "t"})
    for name, value in place.items():
        setattr(row, name, value)
    with pytest.raises(CannotOpen):
        unseal(row)


@pytest.mark.parametrize("part", ["sealed", "nonce"])
def test_a_changed_row_does_not_open(part: str) -> None:
    row = a_row({"token": "t"})
    changed = bytearray(getattr(row, part))
    changed[0] ^= 1
    setattr(row, part, bytes(changed))
    with pytest.raises(CannotOpen):
        unseal(row)


def test_the_first_key_seals_and_all_of_them_open(settings: Any) -> None:
    settings.INTEGRATION_KEYS = [OLD]
    old = a_row({"token": "t"})
    settings.INTEGRATION_KEYS = [NEW, OLD]
    assert a_row({}).key_id == "2026b"
    assert unseal(old) == {"token": "t"}
    settings.INTEGRATION_KEYS = [NEW]
    with pytest.raises(CannotOpen, match="2026a"):
        unseal(old)


def test_without_keys_this_machine_has_one_of_its_own(settings: Any) -> None:
    row = a_row({"token": "t"})
    assert row.key_id == "local"
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(CannotOpen):
        unseal(row)


def test_production_seals_nothing_without_a_key(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match="INTEGRATION_KEYS must be set"):
        a_row({"token": "t"})
    assert "integrations.W002" in {found.id for found in run_checks(tags=["security"], include_deployment_checks=True)}
    settings.INTEGRATION_KEYS = [OLD]
    assert list(sealing.keys()) == ["2026a"]
    assert "integrations.W002" not in {
        found.id for found in run_checks(tags=["security"], include_deployment_checks=True)
    }


@pytest.mark.parametrize(
    "entry",
    ["2026a", "2026a:", "2026a:short", f"2026a:{base64.b64encode(b'x' * 31).decode()}", "2026a:***", f"local:{OLD[6:]}",
     f":{OLD[6:]}", f"two words:{OLD[6:]}", f"{'x' * 17}:{OLD[6:]}"],
    ids=str.__len__,  # the keys are other ones in each process, and test runners compare these names
)  # fmt: skip
def test_a_malformed_key_is_refused_without_being_repeated(entry: str, settings: Any) -> None:
    settings.INTEGRATION_KEYS = [entry]
    with pytest.raises(ImproperlyConfigured, match="INTEGRATION_KEYS") as refused:
        sealing.keys()
    assert OLD[6:] not in str(refused.value)
    assert "integrations.E002" in {found.id for found in run_checks(tags=["security"])}


def test_other_settings_are_checked_as_well(settings: Any, tmp_path: Any) -> None:
    assert not [found for found in run_checks(tags=["security"]) if found.id and found.id.startswith("integrations")]
    settings.INTEGRATION_INTRANET = ["acme"]
    settings.INTEGRATION_DROPS = tmp_path / "none"
    found = {message.id for message in run_checks(tags=["security"])}
    assert {"integrations.E001", "integrations.W001"} <= found


def test_every_companys_secrets_move_to_the_first_key(anna: Person, otto: Person, settings: Any) -> None:
    settings.INTEGRATION_KEYS = [OLD]
    rows = [(anna, keep(anna, {"token": CANARY})), (otto, keep(otto, {"key": "k"}))]
    settings.INTEGRATION_KEYS = [NEW, OLD]
    out = io.StringIO()
    with everything_logged() as lines:
        call_command("reseal_secrets", stdout=out)
    assert "2 secrets sealed anew with key 2026b" in out.getvalue()
    assert CANARY not in out.getvalue() + "".join(lines)
    settings.INTEGRATION_KEYS = [NEW]
    opened = []
    for person, row in rows:
        with person.scope:
            row.refresh_from_db()
            opened.append(unseal(row))
    assert opened == [{"token": CANARY}, {"key": "k"}]
    call_command("reseal_secrets", stdout=out)
    assert "0 secrets sealed anew" in out.getvalue()


def test_a_secret_no_key_opens_is_named_and_the_rest_goes_on(anna: Person, settings: Any) -> None:
    settings.INTEGRATION_KEYS = [a_key("lost")]
    shut = keep(anna, {"token": "gone"})
    settings.INTEGRATION_KEYS = [OLD]
    good = keep(anna, {"token": "t"})
    settings.INTEGRATION_KEYS = [NEW, OLD]
    out, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 secrets open with no key"):
        call_command("reseal_secrets", stdout=out, stderr=errors)
    with anna.scope:
        shut.refresh_from_db()
        good.refresh_from_db()
    assert (shut.key_id, good.key_id) == ("lost", "2026b")
    assert f"connection {shut.connection_id}" in errors.getvalue()


def test_the_database_holds_no_plain_secret(anna: Person) -> None:
    row = keep(anna, {"token": CANARY})
    with anna.scope:
        stored = Secret.objects.values().get(pk=row.pk)
        connection = Connection.objects.values().get(pk=row.connection_id)
    columns = [bytes(value) if isinstance(value, memoryview) else str(value).encode() for value in stored.values()]
    assert not any(CANARY.encode() in column for column in columns)
    assert CANARY not in json.dumps(connection, default=str)
