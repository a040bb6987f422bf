"""Accounts: people, their roles in each crisis, and the tokens of programs that act for them.

Flask-Security signs people in; memberships and hashed tokens are our own small tables. Every view
declares who may use it, and what is not declared is refused.
"""
