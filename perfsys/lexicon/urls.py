from django.urls import URLPattern, path

from .views import dictionary, keeping


def _kept(kind: str, words: str) -> list[URLPattern]:
    """The same four addresses for each list, each with a name of its own: new_tag, edit_tag, ..."""
    which = {"kind": kind}
    return [
        path(f"dictionary/manage/{words}/new/", keeping.new, which, name=f"new_{kind}"),
        path(f"dictionary/manage/{words}/<uuid:public_id>/edit/", keeping.edit, which, name=f"edit_{kind}"),
        path(f"dictionary/manage/{words}/<uuid:public_id>/retire/", keeping.retire, which, name=f"retire_{kind}"),
        path(f"dictionary/manage/{words}/<uuid:public_id>/relist/", keeping.relist, which, name=f"relist_{kind}"),
    ]


app_name = "lexicon"
urlpatterns = [
    path("dictionary/", dictionary.dictionary, name="dictionary"),
    path("dictionary/manage/", keeping.tags, name="tags"),
    path("dictionary/manage/sentences/", keeping.entries, name="entries"),
    path("dictionary/manage/vague/", keeping.vague, name="vague"),
    *_kept("competency", "competencies"),
    *_kept("tag", "tags"),
    *_kept("entry", "sentences"),
    *_kept("vague", "vague"),
]
