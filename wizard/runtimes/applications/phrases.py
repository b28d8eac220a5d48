"""What applications write when something that they need fails them, whatever runs them.

Knowledge as data: a new phrase is a new line here. What one application server alone writes
stands in its own module.
"""

from __future__ import annotations

import re

from wizard.runtimes.applications.facts import EventKind
from wizard.runtimes.phrases import FATAL, FLAGS

_DEPENDENCY = "|".join(
    (
        # Node: net, dns; what pg, mysql2, ioredis, mongodb and axios pass on
        r"connect (?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT)\b",
        r"\[ECONNREFUSED\]|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)\b",
        r"MongoServerSelectionError|MongoNetworkError|MongooseServerSelectionError",
        r"Sequelize(?:Connection|HostNotFound)\w*Error|PrismaClientInitializationError",
        # Python: socket, psycopg, mysqlclient, redis-py, pymongo, requests, urllib3
        r"ConnectionRefusedError: \[Errno 111\]",
        r"connection to server (?:at|on socket) .+ failed:|could not connect to server:",
        r"could not translate host name",
        r"(?:Can't connect to (?:local )?|Lost connection to )(?:MySQL|MariaDB)",
        r"Error (?:111|110|113|-2|-3) (?:while )?connecting to \S+",
        r"ServerSelectionTimeoutError|Max retries exceeded with url|NewConnectionError",
        r"QueuePool limit of size \d+",
        # Ruby: pg, mysql2, redis, net-http
        r"PG::ConnectionBad|Mysql2::Error::ConnectionError|Redis::CannotConnectError",
        r"Errno::ECONNREFUSED|ActiveRecord::ConnectionTimeoutError",
        # Java: JDBC drivers, HikariCP, Lettuce, java.net
        r"Communications link failure|Connection to \S+ refused\. Check that the hostname",
        r"HikariPool-\d+ - Connection is not available|CannotGetJdbcConnectionException",
        r"java\.net\.(?:ConnectException|UnknownHostException|NoRouteToHostException)",
        r"RedisConnectionException|RedisConnectionFailureException",
        # Go: net
        r"dial (?:tcp|unix) \S+: (?:connect: |i/o timeout|lookup )|dial tcp: lookup ",
        # PHP: PDO, mysqli, phpredis
        r"SQLSTATE\[(?:HY000|08006)\] \[(?:2002|2003|2006|7|1040|1203)\]",
        r"mysqli::real_connect\(\): \(HY000/20\d\d\)|RedisException: Connection refused",
        # The servers themselves, through any client
        r"(?i:too many connections)\b|remaining connection slots are reserved",
        r"sorry, too many clients already|the database system is (?:starting up|shutting down)",
        r"max number of clients reached",
    )
)

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("too-many-files", re.compile(r"(?i)too many open files|\bEMFILE\b|\bENFILE\b")),
    ("no-space", FLAGS["no_space"]),
    ("address-in-use", FLAGS["address_in_use"]),
    ("dependency-failed", re.compile(_DEPENDENCY)),
    ("fatal-error", re.compile("|".join(f"(?:{each.pattern})" for each in FATAL if
                                        not each.pattern.startswith("(?i)")))),
)  # fmt: skip
"""The first that matches counts."""

CHAINED = re.compile(
    r"^(?:During handling of the above exception|The above exception was the direct cause)"
)
"""Python's line between two exceptions of one chain: what comes next is a consequence."""

CLIENT_LEFT = re.compile(
    r"BrokenPipeError|ClientDisconnected|ClientAbortException|write: broken pipe|\bEPIPE\b|"
    r"ConnectionResetError|ECONNRESET|ECONNABORTED"
)
"""Not the application's failure: whoever asked, or was asked, hung up."""
