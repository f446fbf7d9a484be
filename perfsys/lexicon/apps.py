from django.apps import AppConfig


class LexiconConfig(AppConfig):
    name = "perfsys.lexicon"
