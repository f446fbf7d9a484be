"""Every code of connections as a sentence, and what a person does about it. Codes are kept, sentences are not.

A code is what a `SyncProblem` carries, why a row or a file was set aside, the kind of a gap, or why a connection
stopped. Words that were not kept with it read as something general, so a code alone still makes a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .adapters.base import UNDATED


class Said(NamedTuple):
    sentence: Promise | str
    next_step: Promise | str


# What several of them end in.
_BY_ITSELF = _("It is tried again by itself. If it lasts, ask whoever runs that system.")
_ONCE_MORE = _("Try once more in a moment. If it lasts, ask whoever runs that system.")
_ADDRESS = _("Check the address, and test the connection again.")
_SECRET = _("Type anew what it signs in with, and test the connection.")
_DECLARED = _(
    "The way it answers has changed, or is written down wrongly here: compare the configuration with its manual."
)
_DATABASE = _("Check the name of the database, and test the connection again.")
_TABLES = _("Compare the names of tables and columns in the configuration with the database, or ask whoever runs it.")
_SEND_AGAIN = _("Ask for the file of that day to be sent again, or hand it in here.")
_ROW = _(
    "Have it put right over there: it comes in with a later reading, or once all of it is read from the beginning. "
    "Or change the field in the configuration, then take the row in."
)
_OURS = _("Something on our side. Try again later, or tell your operator.")

CODES: Mapping[str, Said] = {
    # --- reaching the other side: RetryLater
    "unreachable": Said(_("%(host)s does not answer."), _BY_ITSELF),
    "name_unknown": Said(_("Nobody knows the name %(host)s at the moment."), _BY_ITSELF),
    "too_slow": Said(_("%(host)s took more than ten seconds to answer."), _BY_ITSELF),
    "cut_off": Said(_("%(host)s broke off in the middle of an answer."), _BY_ITSELF),
    "busy": Said(_("%(host)s asks to be left alone for a while."), _BY_ITSELF),
    "failing": Said(_("%(host)s has a fault of its own (%(status)s)."), _BY_ITSELF),
    "query_too_slow": Said(
        _("%(host)s took longer over a question than it is given."),
        _("Ask for an index on the cursor and key, or a longer “timeout_seconds”; it is tried again by itself."),
    ),
    "still_written": Said(
        _("The file %(file)s was changed within the last minute: it may not be whole yet."), _BY_ITSELF
    ),
    # --- a person must act: NeedsReconnect
    "sign_in_refused": Said(_("%(host)s does not let this connection in."), _SECRET),
    "secret_missing": Said(
        _("What it signs in with has not been typed yet."), _("Type it in the settings, and test the connection.")
    ),
    "secret_unfit": Said(
        _("What it signs in with holds letters that cannot be sent: a line end, or Chinese."), _SECRET
    ),
    "text_refused": Said(
        _("The gateway says that it does not take the message."),
        _("Compare the fields in the settings with its manual, and what it answered with its list of codes."),
    ),
    "text_no_number": Said(
        _("There is no mobile number a text message could go to."), _("An administrator adds one on the person's page.")
    ),
    "text_too_late": Said(
        _("It could not go within a day, was over before, or text messages were switched off."),
        _("Nothing: the mail and the inbox have it."),
    ),
    "cannot_open": Said(_("What it signs in with can no longer be opened with this server's keys."), _SECRET),
    "address_not_allowed": Said(
        _("%(host)s is not an address that connections may reach."),
        _("It takes https, port 443 or 8443, and a public address. For your own network, ask your operator."),
    ),
    "certificate": Said(
        _("%(host)s cannot prove that it is who it says: its certificate is not valid."),
        _("Ask whoever runs that system to renew the certificate. Nothing has been sent."),
    ),
    "redirected": Said(
        _("%(host)s sends on to another address, which is not followed."),
        _("Open the address in a browser, and type here where it leads."),
    ),
    "secret_short": Said(
        _("The secret it is signed with has fewer than %(letters)s letters: it could be guessed."), _SECRET
    ),
    "folder_gone": Said(
        _("There is no folder %(folder)s for your company."), _("Check its name, or have your operator make it.")
    ),
    "no_drop_folders": Said(
        _("This server has no place for folders of files."),
        _("Leave the folder empty and hand the files in here, or ask your operator."),
    ),
    "host_not_listed": Said(
        _("%(host)s is not among the databases that connections may reach."),
        _("Whoever runs this server lists the host with its port. Ask them, then test the connection again."),
    ),
    "no_database": Said(_("%(host)s has no database of this name, or not for this account."), _DATABASE),
    "not_granted": Said(
        _("The account of %(host)s may not read one of the tables."),
        _("Ask whoever runs that database to let the account read it, and nothing more."),
    ),
    "driver_missing": Said(
        _("This server has no driver for this kind of database: %(package)s is not installed."),
        _("Ask your operator to install it, or choose another kind."),
    ),
    "no_such_file": Said(
        _("There is no file %(file)s in the folder %(folder)s."), _("Check its name, or have it put there.")
    ),
    "database_too_large": Said(
        _("The file is larger than %(limit)s MB."),
        _("Have a smaller one written, or have the database itself read over the network."),
    ),
    # --- what came is not what was declared: AdapterBroken
    "no_table": Said(_("%(host)s has no table of the name that is written here."), _TABLES),
    "no_column": Said(_("A table of %(host)s has no column of the name that is written here."), _TABLES),
    "sql_refused": Said(_("%(host)s does not understand what it is asked, or refuses it."), _TABLES),
    "other_letters": Said(
        _("%(host)s sends texts in other letters than it says."),
        _("Set “encoding” to “gbk”, or back to “utf8”, and test the connection."),
    ),
    "key_empty": Said(
        _("“%(stream)s” has rows without “%(field)s”, which is part of what they are known by."),
        _("Choose a key that every row has, or leave such rows out with a SELECT."),
    ),
    "not_only_read": Said(
        _("A table or view of the file wants to do more than be read, and was not let."),
        _("Choose another, or have the file written without it."),
    ),
    "file_damaged": Said(
        _("The file is no SQLite database, or it is damaged."), _("Have it copied again while nothing writes to it.")
    ),
    "not_found": Said(_("%(host)s knows nothing under this address."), _ADDRESS),
    "refused_request": Said(_("%(host)s does not accept how it is asked (%(status)s)."), _DECLARED),
    "too_large": Said(
        _("An answer was larger than %(limit)s MB."),
        _("Ask for fewer rows a page: the parameter is in the configuration."),
    ),
    "value_too_large": Said(
        _("A single value in it is larger than %(limit)s MB."),
        _("Leave its column out, or take a part of it with a SELECT."),
    ),
    "packed": Said(_("%(host)s answers in a packed form that was not asked for."), _DECLARED),
    "not_json": Said(
        _("%(host)s answered with something other than data, perhaps with its sign-in page."),
        _("Check the address, and whether it wants to be signed in to."),
    ),
    "says_no": Said(_("The system answered, and says that it did not work (%(said)s)."), _DECLARED),
    "no_records": Said(_("There is no list of records at “%(path)s” in the answer."), _DECLARED),
    "no_cursor": Said(_("It says that there is more, and “%(path)s” does not say where."), _DECLARED),
    "leads_away": Said(
        _("The next page is said to be at another address than %(host)s. It was not asked for there."), _DECLARED
    ),
    "no_token": Said(_("%(host)s gave no token that could be used."), _DECLARED),
    "goes_round": Said(_("The pages of “%(stream)s” lead in a circle."), _DECLARED),
    "nothing_new": Said(
        _("“%(stream)s” never ends: %(pages)s pages in a row held nothing but rows that had come before."), _DECLARED
    ),
    "config_unfit": Said(
        _("Its configuration no longer fits."), _("Open it, read what is marked, and test the connection again.")
    ),
    "adapter_gone": Said(
        _("This server has no adapter “%(adapter)s” any more, which this connection reads with."),
        _("Nothing is read, and what was read stays. Ask your operator to install the adapter again."),
    ),
    # --- our own side
    "switched_off": Said(
        _("The connection was paused before the sync had begun."), _("Switch it on again when it is to be read.")
    ),
    "gave_up": Said(_("The sync was begun several times and never came to its end."), _OURS),
    "unexpected": Said(_("The sync stopped on something nobody thought of."), _OURS),
    # --- a row set aside: SkipRow
    "key_missing": Said(_("It has no %(field)s, by which it would be known again."), _ROW),
    "field_missing": Said(_("%(field)s is missing."), _ROW),
    "not_text": Said(_("%(field)s is no text."), _ROW),
    "not_whole": Said(_("%(field)s is no whole number."), _ROW),
    "not_decimal": Said(_("%(field)s is no number."), _ROW),
    "not_yes": Said(_("%(field)s is neither yes nor no."), _ROW),
    "not_day": Said(_("%(field)s is no day."), _ROW),
    "not_time": Said(_("%(field)s is no time."), _ROW),
    "not_list": Said(_("%(field)s is no list."), _ROW),
    "too_long": Said(_("%(field)s is longer than can be kept."), _ROW),
    "ragged_row": Said(
        _("The line has more or fewer cells than there are columns."),
        _("Usually a comma that stands in a text without quotes: have the file written again."),
    ),
    "no_record": Said(_("There is no record where one should be."), _ROW),
    "event_unknown": Said(
        _("It is of a kind that no list of this connection takes."),
        _("If it matters, name its kind in the configuration; else drop the row."),
    ),
    # --- a file not loaded
    "truncated": Said(
        _("The file of %(on)s is cut off: its last line is missing, or counts other rows than there are."), _SEND_AGAIN
    ),
    "encoding": Said(_("The file is written in letters nobody can read: neither UTF-8 nor GB18030."), _SEND_AGAIN),
    "not_csv": Said(_("The file does not keep the form of a CSV: a quote is opened and never closed."), _SEND_AGAIN),
    "columns_missing": Said(
        _("A column is missing without which no row can be understood."),
        _("Ask what was changed over there; then have the file sent again, or change the configuration."),
    ),
    "columns_twice": Said(_("A column stands there twice, or has no name."), _SEND_AGAIN),
    "file_too_large": Said(
        _("The file is larger than 10 MB."), _("Have it written for one day, without what is older.")
    ),
    # --- gaps
    "missing": Said(_("Nothing has come for %(on)s."), _SEND_AGAIN),
    "silent": Said(
        _("Nothing has been sent here for %(hours)s hours."),
        _("Ask whoever runs that system whether it still sends; if it has nothing to say, close this with a word."),
    ),
    "small": Said(
        _("For %(on)s there are %(rows)s rows, far fewer than usual."),
        _("Ask whether everything was sent; if it was a quiet day, close this with a word."),
    ),
    "count": Said(
        _("The system counts %(source)s records in “%(stream)s”, and %(rows)s came."),
        _(
            "Sync once more, then read all of it from the beginning. "
            "If it stays like this, ask whoever runs that system."
        ),
    ),
    "overdue": Said(
        _("A sync was due and has not run."), _("Press “Sync now”, or ask your operator whether jobs are waiting.")
    ),
    "schema": Said(
        _("The fields of “%(stream)s” have changed: %(fields)s."),
        _("Rows are still taken in. Ask what the new field means, and map it if it matters to you."),
    ),
    # --- metrics
    "metric_unfit": Said(
        _("What this metric is counted from is gone from its source, or is called otherwise now."),
        _("Its figures stay as they were. Begin a new version that names the fields as they are now."),
    ),
    "metric_too_large": Said(
        _("A figure came out larger than any can be: a number in the rows cannot be right."),
        _("Its figures stay as they were. Have that row corrected in its source, or leave it out by a condition."),
    ),
}
UNKNOWN = Said(_("Something happened that has no words yet (%(code)s)."), _OURS)

GENERAL: Mapping[str, Promise | str] = {
    "host": _("The system"),
    "folder": _("of this name"),
    "file": _("of this name"),
    "package": "–",
    "field": _("A field"),
    "stream": _("one of its lists"),
    "fields": _("some are new or gone"),
    "path": _("the place named"),
    "adapter": "–",
    "pages": "–",
    "on": _("that day"),
    "rows": "–",
    "source": "–",
    "limit": "5",
    "letters": "20",
    "hours": "–",
    "status": "–",
    "said": "–",
}


def sentence(code: str, words: Mapping[str, Any]) -> str:
    """What happened. `words` are what was kept with the code; days may be dates or their ISO form. A gap that was
    opened for a reason of its own, kept as `reason` or `code`, says that one."""
    because = str(words.get("reason") or words.get("code") or "") if code in ("truncated", "unreachable") else ""
    template = CODES.get(because, CODES.get(code, UNKNOWN)).sentence
    known = {name: word for name, word in {"code": code, **words}.items() if word != ""}
    return str(template) % _Words({name: _shown(word) for name, word in known.items()})


def next_step(code: str, *, by_hand: bool = False) -> str:
    """What the person who looks after the connection does about it; `by_hand`: it was tried by a press of theirs, and
    nothing tries it again."""
    step = CODES.get(code, UNKNOWN).next_step
    return str(_ONCE_MORE if by_hand and step is _BY_ITSELF else step)


class _Words(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return str(GENERAL.get(name, "–"))


def _shown(word: Any) -> str:
    if isinstance(word, (list, tuple)):
        return str(_(", ")).join(map(str, word))
    if isinstance(word, str) and len(word) == 10:
        try:
            word = date.fromisoformat(word)
        except ValueError:
            return str(word)
    if word == UNDATED:
        return str(_("the whole list"))
    return date_format(word) if isinstance(word, date) else str(word)
