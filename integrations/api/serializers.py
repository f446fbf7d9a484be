"""Metrics and their figures as programs read them. Figures are decimal strings, days ISO dates, ids the public ones."""

from typing import Any

from rest_framework import serializers

from integrations.metrics import PLACES, Figure
from integrations.models import MetricDefinition, MetricState, MetricValue, MetricVersion, Side, Standing
from perfsys.tokens.shapes import Figure as FigureField
from perfsys.tokens.shapes import Page, PersonShown, Read


class Amount(FigureField):
    """As `models.MetricValue` holds them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 40, "decimal_places": 10, **kwargs})


class SignOffShown(serializers.Serializer[Any]):
    side = serializers.ChoiceField(choices=Side.choices)
    by = PersonShown()
    at = serializers.DateTimeField()


class VersionShown(serializers.ModelSerializer[MetricVersion]):
    state = serializers.ChoiceField(choices=MetricState.choices)
    connection = serializers.CharField(source="connection.name")
    rule = serializers.JSONField()
    sign_offs = SignOffShown(many=True)
    computed_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = MetricVersion
        fields = [
            "number",
            "state",
            "effective_on",
            "says",
            "connection",
            "stream",
            "rule",
            "unit_of_measure",
            "digits",
            "sign_offs",
            "computed_at",
        ]
        read_only_fields = fields


class MetricShown(Read):
    owner = PersonShown()
    interpreter = PersonShown()

    class Meta:
        model = MetricDefinition
        fields = ["id", "name", "owner", "interpreter"]
        read_only_fields = fields


class WholeMetric(MetricShown):
    versions = VersionShown(many=True)

    class Meta(MetricShown.Meta):
        fields = [*MetricShown.Meta.fields, "versions"]
        read_only_fields = fields


class MetricPage(Page):
    results = MetricShown(many=True)


class SubjectShown(serializers.Serializer[Any]):
    kind = serializers.CharField()
    value = serializers.CharField(allow_blank=True, help_text="As the source writes it; empty where nobody was found.")
    name = serializers.CharField(allow_blank=True)


class ValueShown(Read):
    version = serializers.IntegerField(source="of.number")
    subject = SubjectShown(allow_null=True, help_text="Whose figure it is; null is the whole of the day.")
    amount = serializers.SerializerMethodField()
    numerator = Amount()
    denominator = Amount(allow_null=True)
    standing = serializers.ChoiceField(choices=Standing.choices)
    held = serializers.SerializerMethodField(help_text="Data being checked: nobody is to be judged by it yet.")
    disputed = serializers.SerializerMethodField(help_text="Somebody contests it.")

    class Meta:
        model = MetricValue
        fields = [
            "id",
            "on",
            "version",
            "subject",
            "amount",
            "numerator",
            "denominator",
            "rows",
            "as_of",
            "standing",
            "held",
            "disputed",
            "computed_at",
        ]
        read_only_fields = fields

    def get_held(self, value: MetricValue) -> bool:
        return bool(self.context["marks"][value.pk].is_held)

    def get_disputed(self, value: MetricValue) -> bool:
        return bool(self.context["marks"][value.pk].is_disputed)

    def get_amount(self, value: MetricValue) -> str | None:
        """Numerator over denominator; null where there is nothing to divide by."""
        amount = Figure(value.numerator, value.denominator, value.rows).amount
        return None if amount is None else f"{amount.quantize(PLACES).normalize():f}"


class ValuePage(Page):
    results = ValueShown(many=True)


class ValueFilters(serializers.Serializer[Any]):
    first = serializers.DateField(required=False, help_text="The first business day.")
    last = serializers.DateField(required=False, help_text="The last one, included.")
    whole = serializers.BooleanField(required=False, default=False, help_text="The wholes of the days alone.")
