"""The ports through which the rooms remember: narrow readers and one commit.

May touch `model` and `protocol`; holds no state.
Never names a database; the engines live in `sql`.
"""
