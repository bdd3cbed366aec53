"""Shares: objects that their owner shows to members who could not see them otherwise.

A share is an OMERO session of its own kind with a list of objects. Who looks into it, by activating it in a session or
with `omero.share` in a call's context, sees what is in it (scope) and can only look (gate).
"""
