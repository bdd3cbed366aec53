# Everything that needs only builtins, in one value: what CI evaluates without nixpkgs, and the flake's `lib`.
{
  stack = import ./stack.nix { };
  roles = import ./roles.nix { };
  lock = import ./lock.nix { };
  packages = system: import ./packages.nix { inherit system; };
}
