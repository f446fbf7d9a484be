"""Who gets which answer from the homes: each belongs to a role."""

from tests.matrix import Row

MATRIX = [
    Row("dashboards:week"),
    Row("dashboards:team", owner=403, colleague=403, hrbp=403, admin=403),
    Row("dashboards:health", owner=403, colleague=403, manager=403, admin=403),
]
