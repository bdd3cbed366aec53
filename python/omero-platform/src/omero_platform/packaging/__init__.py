"""What Nix needs to know of the locked packages."""
