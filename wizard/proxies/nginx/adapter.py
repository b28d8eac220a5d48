"""nginx as the looks see it."""

from __future__ import annotations

from wizard.proxies.nginx.access_log import look as access_log
from wizard.proxies.nginx.check import check, check_command
from wizard.proxies.nginx.error_log import look as error_log
from wizard.proxies.nginx.find import configured_listens, find
from wizard.proxies.nginx.last_words import last_words
from wizard.proxies.nginx.loaded import loaded
from wizard.proxies.nginx.pasted import error_log_command, pasted_check, pasted_error_log
from wizard.proxies.nginx.processes import pids_of
from wizard.proxies.nginx.route import route
from wizard.proxies.nginx.urls import urls

KIND = "nginx"

__all__ = [
    "KIND",
    "access_log",
    "check",
    "check_command",
    "configured_listens",
    "error_log",
    "error_log_command",
    "find",
    "last_words",
    "loaded",
    "pasted_check",
    "pasted_error_log",
    "pids_of",
    "route",
    "urls",
]
