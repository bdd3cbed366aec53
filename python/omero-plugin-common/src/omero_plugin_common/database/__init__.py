"""The plugins' own database: alias, router, migrations, taking over older tables."""
