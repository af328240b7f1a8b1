"""The interface's words for the states of an edition."""

from core.i18n import lazy

STATES = {
    "in_force": (lazy("现行有效"), "done"),
    "revised": (lazy("已修订"), "warning"),
    "repealed": (lazy("已废止"), "danger"),
}
