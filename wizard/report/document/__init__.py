"""Documents for people who were not there: what is told, apart from how it is written down.

A document is a stream of blocks. `transcript` tells a session; `markdown`, `plain` write blocks.
"""
