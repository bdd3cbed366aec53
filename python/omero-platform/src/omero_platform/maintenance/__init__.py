"""Looking after the databases on schedule, and telling when it was done."""
