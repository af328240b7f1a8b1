"""The settings of a .seb file and the file itself. Pure: equal arguments give the same bytes.

Names and meanings: Safe Exam Browser's developer documentation, "SEB Config Keys".
"""

import plistlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_START_AN_EXAM = 0  # sebConfigPurpose; 1 would configure the computer for good
_MODERN_WEB_VIEW = 3  # browserWindowWebView: on macOS and iOS the keys then come by the script interface
_SAME_WINDOW, _BLOCKED = 1, 0
_ALLOW = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What differs between two sessions' settings. ``salt``: 32 random bytes behind the Browser Exam Key."""

    origin: str
    start_path: str
    quit_path: str
    quit_password: str
    salt: bytes


# Chinese input needs the language list; the sealed file of an offline hand-in needs downloads; the journal of answers
# must survive a crash, so the profile is kept (cookies are not: the next at this computer is not signed in).
_ALWAYS: dict[str, Any] = {
    "allowBrowsingBackForward": False,
    "allowDictation": False,
    "allowDictionaryLookup": False,
    "allowDisplayMirroring": False,
    "allowDownUploads": True,
    "allowDownloads": True,
    "allowPreferencesWindow": False,
    "allowQuit": True,
    "allowScreenSharing": False,
    "allowSiri": False,
    "allowSpellCheck": False,
    "allowSwitchToApplications": False,
    "allowUploads": False,
    "allowVideoCapture": False,
    "allowVirtualMachine": False,
    "allowedDisplaysMaxNumber": 1,
    "browserWindowAllowReload": True,
    "browserWindowWebView": _MODERN_WEB_VIEW,
    "createNewDesktop": True,
    "enableAltTab": False,
    "enablePrintScreen": False,
    "enablePrivateClipboard": True,
    "enableRightMouse": False,
    "enableZoomPage": True,
    "ignoreExitKeys": True,
    "monitorProcesses": True,
    "newBrowserWindowByLinkPolicy": _SAME_WINDOW,
    "newBrowserWindowByScriptPolicy": _BLOCKED,
    "quitURLConfirm": True,
    "removeBrowserProfile": False,
    "sebConfigPurpose": _START_AN_EXAM,
    "sendBrowserExamKey": True,
    "showInputLanguage": True,
    "showReloadButton": True,
    "showReloadWarning": True,
    "showTaskBar": True,
    "showTime": True,
    "URLFilterEnable": True,
    "URLFilterEnableContentFilter": False,
}


def settings_of(asked: Asked) -> dict[str, Any]:
    """Every setting of the file: a list or a dictionary of texts, whole numbers, truth values and bytes."""
    return _ALWAYS | {
        "examKeySalt": asked.salt,
        "hashedQuitPassword": asked.quit_password,
        "quitURL": asked.origin + asked.quit_path,
        "startURL": asked.origin + asked.start_path,
        "URLFilterRules": [
            {"action": _ALLOW, "active": True, "expression": f"{urlsplit(asked.origin).netloc}/*", "regex": False}
        ],
    }


def as_file(settings: Mapping[str, Any]) -> str:
    """A .seb file without encryption: the settings as a property list in XML."""
    return plistlib.dumps(dict(settings), sort_keys=True).decode()


def settings_in(configuration: str) -> dict[str, Any]:
    """The settings of a file that ``as_file`` wrote."""
    settings: dict[str, Any] = plistlib.loads(configuration.encode())
    return settings
