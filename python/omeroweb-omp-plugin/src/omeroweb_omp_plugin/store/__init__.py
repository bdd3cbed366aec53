"""The plugin's tables in the plugin database."""
