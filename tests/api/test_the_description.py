"""Schemathesis over the whole description: whatever it allows is answered as it says, and nothing falls over."""

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from feedback.actions.feedback import Fact, give_feedback
from feedback.models import FactKind
from goals.models import Goal
from integrations.models import Connection, MetricDefinition, MetricState, MetricValue, MetricVersion
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag
from tests.goals.conftest import founded, line, one_of_the_cast, published_line, that_day

__all__ = ["founded", "line", "published_line", "that_day"]
ada, marta = one_of_the_cast("ada"), one_of_the_cast("marta")
AS_SAID = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = {  # checks, and examples of each operation; what breaks the description may be refused in any way
    GenerationMode.POSITIVE: (AS_SAID, 12),
    GenerationMode.NEGATIVE: ([not_a_server_error, content_type_conformance], 8),
}

FEW = 4


@pytest.fixture
def asked_about(line, ada, marta, program):
    """Marta's program, and ids for the addresses: of Ada's goal, the one above it, a request of Ada's, and a feedback
    from Ada to Marta."""
    with ada.scope:
        leaf, above = Goal.objects.get(layer="position"), Goal.objects.get(layer="dept")
    change = {"goal": str(leaf.public_id), "version": leaf.version, "field": "due_on", "new": "2026-12-18"}
    asked = {"reason": "展会提前", "changes": [change]}
    sent = program(ada)("post", f"goals/{leaf.public_id}/adjustments/", asked).json()
    with ada.scope:
        add_standard_terms(now=timezone.now())
        told = give_feedback(
            giver=ada.employee,
            receiver=marta.employee,
            nature="constructive",
            tag=BehaviourTag.objects.get(name="主动补位"),
            text="换料前没有知会质量组。",
            expected_action="提前知会",
            facts=[Fact(FactKind.LINK, url="https://mes.example/17")],
            visibility="manager",
            key="k",
            now=timezone.now(),
        )
    ids = {
        "feedback": str(told.public_id),
        "goals": str(leaf.public_id),
        "adjustments": sent["id"],
        "people": str(ada.employee.public_id),
        "parent_id": str(above.public_id),
        "metrics": str(a_metric(marta).public_id),
    }
    return {"Authorization": f"Bearer {program(marta).token}"}, ids


def a_metric(marta):
    """With a figure of a day."""
    with marta.scope:
        now, about = timezone.now(), {"owner": marta.employee, "made_at": timezone.now()}
        connection = Connection.objects.create(name="CRM", adapter="rest_json", **about)
        definition = MetricDefinition.objects.create(name="成交额", interpreter=marta.employee, **about)
        version = MetricVersion.objects.create(
            definition=definition,
            number=1,
            connection=connection,
            stream="opportunities",
            rule={"measure": {"kind": "mean", "field": "amount"}, "day": "on"},
            unit_of_measure="元",
            says="平均",
            effective_on=now.date(),
            state=MetricState.IN_FORCE,
            made_at=now,
            announced_at=now,
        )
        said = {"of": version, "on": now.date(), "rows": 2, "as_of": now, "computed_at": now, "standing": "settled"}
        MetricValue.objects.create(**said, numerator="12.5", denominator=2)
        return definition


@pytest.fixture
def one_connection():
    """As Django's own test client does it: what was not committed must outlive a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(asked_about, one_connection):
    config = SchemathesisConfig()
    return schemathesis.openapi.from_wsgi(
        "/t/acme/api/v1/schema/", WSGIHandler(), config=config, headers=asked_about[0] | {"Host": "localhost"}
    )


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_operation_answers_as_it_is_described(described, asked_about, mode):
    headers, ids = asked_about
    checks, examples = MODES[mode]
    operations = [one.ok() for one in described.get_all_operations()]
    assert len(operations) == 33  # all of goals/api/urls.py, feedback/api/urls.py and integrations/api/urls.py
    for operation in operations:
        places = {"tenant": "acme", "parent_id": ids["parent_id"], "fact_id": ids["parent_id"]}
        places["public_id"] = ids[operation.path.partition("/v1/")[2].partition("/")[0]]
        known = {name: value for name, value in places.items() if f"{{{name}}}" in operation.path}
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue  # nothing of it can be said wrongly

        most = FEW if {"feedback", "people"} & set(operation.path.split("/")) else examples

        @settings(max_examples=most, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=known))
        def ask(case):
            cache.clear()  # how often it has asked
            with transaction.atomic():
                answer = case.call(headers=headers | {"Host": "localhost"})
                transaction.set_rollback(True)
            case.validate_response(answer, checks=checks)

        ask()
