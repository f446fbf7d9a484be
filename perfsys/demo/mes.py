"""The database file a MES hands over, in data/mes.sqlite: lines, work orders, defects, shifts of the last weeks."""

import sqlite3
from datetime import timedelta
from pathlib import Path

FILE = Path(__file__).parent / "data" / "mes.sqlite"
DAYS = (
    ("T_MES_WIP_ORDER", ("PLAN_ST_DT", "ACT_END_DT", "DUE_DT")),
    ("T_MES_SCRAP_DTL", ("OCC_DT",)),
    ("T_MES_OEE_SHIFT", ("PROD_DT",)),
)


def database(days: timedelta) -> bytes:
    """The file with every day so much later; numbers and quantities stay."""
    moved = sqlite3.connect(":memory:")
    try:
        moved.deserialize(FILE.read_bytes())
        for table, columns in DAYS:
            later = ", ".join(f"{one} = date({one}, :by)" for one in columns)
            moved.execute(f"UPDATE {table} SET {later}", {"by": f"{days.days:+d} days"})  # noqa: S608 names of ours
        moved.commit()
        return moved.serialize()
    finally:
        moved.close()
