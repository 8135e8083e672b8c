"""Self-service: people sign up, get in again without their password, change password and address, sign out everywhere.

May touch the readers of people and links, guess budgets and the hash pool; what comes of it are effects and letters.
Never tells a stranger whether somebody has an account, and never lets anybody past what an operator has decided.
"""
