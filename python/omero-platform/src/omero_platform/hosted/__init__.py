"""What the units of NixOS and the programs of images start: everything comes from the environment, secrets from files."""
