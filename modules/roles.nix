# Which part of the platform this machine runs, and where the others are.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  roles = import ../nix/lib/roles.nix { };

  what = {
    databases = "both databases and Redis";
    server = "the OMERO API";
    web = "OMERO.web with the plugins";
    worker = "the worker that runs the plugins' jobs";
    monitoring = "Prometheus, Alertmanager, Loki and Grafana";
  };
in
{
  options.services.omero-platform = {
    roles = lib.genAttrs roles.names (role: {
      enable = mkOption {
        type = types.bool;
        default = true;
        example = false;
        description = "Whether this machine runs ${what.${role}} (${
          lib.concatStringsSep ", " roles.services.${role}
        }).";
      };
    });

    hosts = lib.genAttrs roles.names (
      role:
      mkOption {
        type = types.str;
        default = "127.0.0.1";
        example = "10.0.0.11";
        description = "Name or address of the machine that runs ${what.${role}}; not used where it is this one.";
      }
    );
  };
}
