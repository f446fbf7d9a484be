"""Versions kept by one statement for all the rows that a statement wrote, for tables that are written to in bulk."""

from typing import Any

import pghistory
import pgtrigger
from pghistory.trigger import Event

# Read once a statement: as a column of each row they would be parsed for each.
CONTEXT = {
    "pgh_context": "(SELECT NULLIF(current_setting('pghistory.context_metadata', TRUE), '')::jsonb)",
    "pgh_context_id": "(SELECT NULLIF(current_setting('pghistory.context_id', TRUE), '')::uuid)",
    "pgh_created_at": "NOW()",
}


class EventsOfStatement(Event):
    """Writes what pghistory's trigger of a row writes, out of the tables of rows as they were and as they are.

    pghistory has such a trigger too. Its own calls a function that writes contexts to a table outside the wall, and
    finds what changed by a join: planned for the first statement's one row, that join compares each with each when
    thousands follow. EXCEPT hashes or sorts them, whatever was planned for.
    """

    def get_func(self, model: type[Any]) -> str:
        event = self.event_model
        tracked = {field.name for field in model._meta.fields}
        columns = sorted(field.column for field in event._meta.fields if field.name in tracked)
        kept = ", ".join(f'"{column}"' for column in columns)
        beside = {**CONTEXT, "pgh_label": f"'{self.label}'", "pgh_obj_id": f'written."{model._meta.pk.column}"'}
        written = f"SELECT {kept} FROM {'old' if self.row == 'OLD' else 'new'}_values"
        if self.operation == pgtrigger.Update:
            written += f" EXCEPT ALL SELECT {kept} FROM old_values"
        return (
            f'INSERT INTO "{event._meta.db_table}" ({kept}, {", ".join(beside)}) '
            f"SELECT written.*, {', '.join(beside.values())} FROM ({written}) AS written; RETURN NULL;"
        )


class _Together:
    """Of a tracker of pghistory's: its trigger is one of the statement."""

    level = pgtrigger.Statement

    def add_event_trigger(self: Any, event_model: type[Any]) -> None:
        trigger = EventsOfStatement(
            event_model=event_model,
            label=self.label,
            name=self.trigger_name,
            row=self.row,
            operation=self.operation,
            level=self.level,
        )
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


class InsertedTogether(_Together, pghistory.InsertEvent):  # type: ignore[misc]
    pass


class UpdatedTogether(_Together, pghistory.UpdateEvent):  # type: ignore[misc]
    pass


class DeletedTogether(_Together, pghistory.DeleteEvent):  # type: ignore[misc]
    pass
