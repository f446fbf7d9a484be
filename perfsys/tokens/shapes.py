"""Shapes that several apps answer with. Figures are decimal strings, ids the public ones."""

from typing import Any

from rest_framework import serializers

from perfsys.people.models import Employee


class Figure(serializers.DecimalField):
    """Of any size that the columns hold, without trailing noughts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 20, "decimal_places": 6, "normalize_output": True, **kwargs})


class Read(serializers.ModelSerializer[Any]):
    """Public ids, plain figures; nothing of it can be written."""

    id = serializers.UUIDField(source="public_id")

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        made, kwargs = super().build_standard_field(field_name, model_field)
        if made is serializers.DecimalField:
            return Figure, kwargs
        return made, kwargs


class PersonShown(Read):
    class Meta:
        model = Employee
        fields = ["id", "name"]
        read_only_fields = fields


class Page(serializers.Serializer[Any]):
    """As `perfsys.tokens.paging` answers; each list names its rows."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
