# services.omero-platform: one file per concern. Ports, schedules and dependencies come from stack.toml.
{
  imports = [
    ./options.nix
    ./assertions.nix
    ./backup.nix
    ./databases.nix
    ./firewall.nix
    ./maintenance.nix
    ./monitoring
    ./plugins.nix
    ./portainer.nix
    ./proxy.nix
    ./quota.nix
    ./redis.nix
    ./roles.nix
    ./secrets.nix
    ./server.nix
    ./users.nix
    ./web.nix
    ./worker.nix
  ];
}
