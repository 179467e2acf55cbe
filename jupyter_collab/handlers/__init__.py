"""Tornado handlers: the socket, its REST twins, static files.

Own what is HTTP. Must not know how a conversation works; that is asked of the hub.
"""
