"""Users, groups, memberships, privileges and passwords, changed by those who may: what IAdmin changes."""
