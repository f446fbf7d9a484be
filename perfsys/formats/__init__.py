"""How days and times are written where Django's own way is not ours: perfsys.settings.FORMAT_MODULE_PATH."""
