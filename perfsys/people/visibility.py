"""Who may do what with what inside a company: the one merged copy of security.md §2 and product.md §9.2.

Rows are kinds of object, columns how the viewer stands to the person the object is about (`access.relations_to`). A
feature asks `may(kind, relations, right)`; conditions a cell names (released, shared by choice, a named grant) are the
feature's to check. There is no manager-only feedback, and weekly answers reach the manager by the person's choice.
"""

from collections.abc import Collection
from enum import StrEnum

from .access import Relation

AUTHOR = "author"  # of a feedback; the feature knows, the organisation does not
Column = Relation | str


class Right(StrEnum):
    READ = "R"
    WRITE = "W"
    META = "M"  # that it exists, and counts; no content
    GROUP = "G"  # figures of a group of at least `min_group_size` others
    SHARED = "S"  # read, where the person or a setting shares it
    LATER = "L"  # read after submission or release
    NAMED = "N"  # only by an explicit grant with an end and a reason
    EMERGENCY = "E"  # break-glass: with a reason, told to the HR lead, in the record
    DECIDE = "D"


class Kind(StrEnum):
    CARD = "card"  # name, unit, position
    CONTACT = "contact"  # e-mail, mobile, number, grade, dates, history
    RECORD = "record"  # keeping the person's data, posts and lines
    GOAL = "goal"
    PRIVATE_GOAL = "private goal"  # and obstacles in words
    FEEDBACK_TO_RECEIVER = "feedback to the receiver"
    FEEDBACK_TO_MANAGER = "feedback to the receiver and manager"
    RECOGNITION = "recognition"
    RADAR = "radar"
    WEEKLY_ANSWERS = "weekly answers"
    GROUP_MEAN = "group mean"
    REVIEW_DRAFT = "review draft"
    RATING = "rating"
    CONFIDENTIAL_NOTE = "confidential note"
    PAY_SUGGESTION = "pay suggestion"
    DISPUTE = "dispute"
    AUDIT = "audit"
    EXPORT = "export"


COLUMNS = (*Relation, AUTHOR)
_TABLE = """
                                       | self | manager | chain | hrbp | admin | compensation | peer | author
  card                                 | R    | R       | R     | R    | R     | R            | R    | R
  contact                              | R    | R       | R     | R    | R     | -            | -    | -
  record                               | R    | R       | R     | R    | RW    | -            | -    | -
  goal                                 | RW   | RW      | R     | R    | R     | -            | R    | -
  private goal                         | RW   | RW      | R     | R    | M     | -            | -    | -
  feedback to the receiver             | R    | -       | -     | -    | -     | -            | -    | R
  feedback to the receiver and manager | R    | R       | S     | R    | E     | -            | -    | R
  recognition                          | R    | R       | R     | R    | R     | -            | R    | R
  radar                                | R    | R       | G     | R    | G     | -            | -    | -
  weekly answers                       | RW   | S       | -     | G    | G     | -            | -    | -
  group mean                           | G    | G       | G     | G    | G     | -            | G    | -
  review draft                         | -    | RW      | -     | L    | -     | -            | -    | -
  rating                               | L    | R       | R     | RW   | L     | R            | -    | -
  confidential note                    | S    | RW      | N     | N    | -     | -            | -    | -
  pay suggestion                       | -    | S       | N     | N    | -     | RW           | -    | -
  dispute                              | RW   | RW      | -     | RWD  | M     | -            | -    | -
  audit                                | R    | -       | -     | -    | R     | -            | -    | -
  export                               | R    | R       | R     | R    | R     | S            | -    | -
"""
# No self-approval: whoever is the subject sees what the subject sees, whatever office he holds besides.
NOT_ABOUT_ONESELF = frozenset({Kind.REVIEW_DRAFT, Kind.CONFIDENTIAL_NOTE, Kind.PAY_SUGGESTION})


def _read_table() -> dict[Kind, dict[Column, frozenset[Right]]]:
    _heading, *lines = (line for line in _TABLE.splitlines() if line.strip())
    matrix: dict[Kind, dict[Column, frozenset[Right]]] = {}
    for line in lines:
        name, *cells = (part.strip() for part in line.split("|"))
        rights = (frozenset(Right(letter) for letter in cell if letter != "-") for cell in cells)
        matrix[Kind(name)] = dict(zip(COLUMNS, rights, strict=True))
    return matrix


MATRIX = _read_table()


def rights(kind: Kind, relations: Collection[Column]) -> frozenset[Right]:
    """All that any of the relations allows; of what must not be about oneself, only what the subject may."""
    if kind in NOT_ABOUT_ONESELF and Relation.SELF in relations:
        relations = [Relation.SELF]
    return frozenset().union(*(MATRIX[kind][relation] for relation in relations))


def may(kind: Kind, relations: Collection[Column], right: Right = Right.READ) -> bool:
    return right in rights(kind, relations)
