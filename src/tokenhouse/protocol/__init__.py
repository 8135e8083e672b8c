"""What is said: registered names, messages, refusals.

May touch the standard library only.
Never decides, never remembers, and knows no wire format.
"""
