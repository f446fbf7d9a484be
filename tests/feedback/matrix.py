"""Who gets which answer from the pages of feedback."""

from tests.feedback import retro_matrix
from tests.matrix import Company


def populate(company: Company) -> None:
    retro_matrix.populate(company)


MATRIX = [*retro_matrix.ROWS]
