"""Who may see and do what: users, groups, the four group permission levels, light administrators."""
