"""Triggers that keep versions of tables which are written to by the thousand: the same rows as pghistory's own."""

from typing import Any

import pghistory
import pgtrigger
from pghistory.trigger import Event
from pgtrigger import compiler

from perfsys.tenancy.triggers import LastingTriggerSql

# Read once a statement: as a column of each row they would be parsed for each.
BESIDE = {
    "pgh_context": "(SELECT NULLIF(current_setting('pghistory.context_metadata', TRUE), '')::jsonb)",
    "pgh_context_id": "(SELECT NULLIF(current_setting('pghistory.context_id', TRUE), '')::uuid)",
    "pgh_created_at": "NOW()",
}


class VersionTrigger(Event):
    """Nobody can switch it off. That of a statement writes all versions at once, out of the rows that were written:
    pghistory has one too, which calls a function that keeps contexts in a table outside the wall."""

    def get_func(self, model: Any) -> Any:
        if self.level == pgtrigger.Row:
            return super().get_func(model)  # type: ignore[no-untyped-call]
        event: Any = self.event_model
        tracked = {field.name for field in model._meta.fields}
        columns = sorted(field.column for field in event._meta.fields if field.name in tracked)
        beside = {**BESIDE, "pgh_label": f"'{self.label}'", "pgh_obj_id": f'written."{model._meta.pk.column}"'}
        into = ", ".join([*map(_quoted, columns), *beside])
        values = ", ".join([*(f"written.{_quoted(column)}" for column in columns), *beside.values()])
        rows = "old_values" if self.row == "OLD" else "new_values"
        table = _quoted(event._meta.db_table)  # as all that follows out of the models
        return f"INSERT INTO {table} ({into}) SELECT {values} FROM {rows} AS written; RETURN NULL;"  # noqa: S608

    def compile(self, model: Any) -> compiler.Trigger:
        made = super().compile(model)
        return compiler.Trigger(name=made.name, sql=LastingTriggerSql(**made.sql.kwargs))


def _quoted(name: str) -> str:
    return f'"{name}"'


class _Tracker:
    """Of a tracker of pghistory's: its trigger is one of ours."""

    def add_event_trigger(self: Any, event_model: type[Any]) -> None:
        trigger = VersionTrigger(  # type: ignore[no-untyped-call]
            event_model=event_model,
            label=self.label,
            name=self.trigger_name,
            row=self.row,
            operation=self.operation,
            condition=self.condition,
            level=self.level,
        )
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


class Inserted(_Tracker, pghistory.InsertEvent):
    level = pgtrigger.Statement


class Updated(_Tracker, pghistory.UpdateEvent):
    """Of each row: whether it changed anything that is kept is then asked before the trigger is called at all, and most
    of what is written to thousands of rows is what somebody works out every night and nobody keeps."""

    level = pgtrigger.Row


class Deleted(_Tracker, pghistory.DeleteEvent):
    level = pgtrigger.Statement
