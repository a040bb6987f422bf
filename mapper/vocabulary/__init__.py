"""The words of the field: damage, services, sectors, assets, grades, states, and the crosswalk.

Pure tables with their sources. Labels are gettext messages that screens translate at display.
Codes are what is stored and what leaves the house; they never change their meaning.
"""
