"""The small privileged service that has the file system enforce quotas; it imports neither Django nor OMERO."""
