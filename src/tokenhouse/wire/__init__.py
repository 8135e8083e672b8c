"""How things are said: bytes to messages, and outcomes to bytes.

May touch ``protocol``, ``written`` and parsers of third parties.
Never decides, never remembers, opens no socket and no file.
"""
