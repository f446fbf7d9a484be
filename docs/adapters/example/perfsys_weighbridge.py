"""An adapter in a package of its own: weighbridges answer `GET /weighings?after=ID`, oldest first."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.adapters.base import AdapterBroken, Context, Field, Names, NeedsReconnect, Page, Stream


class Weighbridge:
    name, title, says, icon = "weighbridge", _("Weighbridge"), _("Each lorry and what it carried."), "plug"
    takes_files = False
    schema = {
        "type": "object",
        "properties": {"address": {"type": "string", "pattern": r"^https?://[^\s/?#@]+\Z"}},
        "required": ["address"],
        "additionalProperties": False,
    }

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"key": _("API key")}

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]:
        fields = (
            Field("id", "id", required=True),
            Field("order", "order.number"),
            Field("kilograms", "weights.-1", "decimal"),
            Field("at", "at", "time", required=True),
        )
        names = (Names("work_order", "order"),)
        return [Stream("weighings", key=("id",), fields=fields, title="order", happened="at", cursor="at", names=names)]

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        return ()

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        next(self.pages(config, self.streams(config)[0], context, since="", position=None))

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        if not context.secret.get("key"):
            raise NeedsReconnect("secret_missing")
        after = str(position or "")
        while True:
            rows = context.outside.get_json(
                f"{config['address']}/weighings",
                params={"after": after, "since": since},
                headers={"X-API-Key": context.secret["key"]},
            )
            if not isinstance(rows, list) or not all(isinstance(row, dict) and "id" in row for row in rows):
                raise AdapterBroken("no_records", path="–")
            last = str(rows[-1]["id"]) if rows else ""
            if rows and last == after:
                raise AdapterBroken("goes_round", stream=stream.name)
            yield Page(rows, position=last if len(rows) == 100 else None)
            if len(rows) < 100:
                return
            after = last
