"""Administration: what operators do with tenants, clients, people and keys, by one table of operations.

May touch the rooms below and the store's ports; every change is committed together with its audit record.
Never names a database, never opens a listener, and never gives a secret back a second time.
"""
