"""Checks of services and of the machine, without Django: for pages as for the command line."""
