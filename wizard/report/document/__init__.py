"""Documents for people who were not there: what is told, apart from how it is written down.

A document is a stream of blocks. `transcript` and `postmortem` tell a session; `markdown`, `plain`
and `html` write blocks; `forms` puts both together.
"""
