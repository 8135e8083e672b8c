"""Mail on its way out: written, queued, handed to a mail server, all outside of the request that asked for it.

May touch the configured mail server, or in development a folder.
Never decides who gets what, never puts an address or a link into a log.
"""
