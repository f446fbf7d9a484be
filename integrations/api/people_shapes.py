"""What other systems read of people over the API."""

from typing import Any

from rest_framework import serializers

from perfsys.people.models import Employee
from perfsys.tokens.shapes import Page


class PersonRead(serializers.Serializer[Any]):
    """As webhooks tell of a person, all fields; `unit` is a path, `manager_no` the number of the direct manager."""

    id = serializers.UUIDField()
    employee_no = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=Employee.Status.choices)
    email = serializers.CharField(allow_blank=True)
    mobile = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    manager_no = serializers.CharField(allow_blank=True)
    position = serializers.CharField(allow_blank=True)
    job_family = serializers.CharField(allow_blank=True)
    grade = serializers.CharField(allow_blank=True)
    hired_on = serializers.DateField(allow_null=True)
    left_on = serializers.DateField(allow_null=True)


class PersonPage(Page):
    results = PersonRead(many=True)


class PersonFilters(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Employee.Status.choices, required=False)
    employee_no = serializers.CharField(required=False, max_length=40)
