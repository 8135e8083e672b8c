"""The audit log: who did what, when, through which contract, and how it ended.

May touch `model` and `store`; its records travel as effects in the transaction of what they tell.
Never writes a credential, a token or a password, whole or in part.
"""
