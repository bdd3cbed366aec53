# The examples of docs/nixos.md and docs/nixos-several-hosts.md, by host; they are evaluated by `nix flake check`.
{
  single-machine = ./single-machine.nix;
}
// import ./three-hosts.nix
