"""Application servers: what runs the backend's code, how it is set up, what it wrote.

One module each, listed in `kinds`.
"""
