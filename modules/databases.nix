# Two PostgreSQL instances, as units of their own: nixpkgs' module has exactly one.
{
  config,
  lib,
  pkgs,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;

  instances = {
    omero = {
      service = "database";
      secret = "database";
    };
    plugin = {
      service = "database_plugin";
      secret = "database-plugin";
    };
  };

  defaults = {
    listen_addresses = platform.listenAddress;
    unix_socket_directories = "";
    password_encryption = "scram-sha-256";
    timezone = cfg.timeZone;
    log_timezone = cfg.timeZone;
  };

  setting = value: if lib.isBool value then if value then "on" else "off" else toString value;

  unitFor =
    name: instance:
    let
      own = cfg.databases.${name};
      inherit (stack.services.${instance.service}) database;
      settings = defaults // { port = platform.portOf instance.service "postgresql"; } // own.settings;
      flags = lib.mapAttrsToList (
        key: value: "-c ${lib.escapeShellArg "${key}=${setting value}"}"
      ) settings;
    in
    lib.nameValuePair "omero-database-${name}" (
      platform.unit {
        description = stack.services.${instance.service}.title;
        user = cfg.users.database;
        command = "${own.package}/bin/postgres -D ${own.dataDir} ${lib.concatStringsSep " " flags}";
        secrets = {
          DATABASE_PASSWORD = instance.secret;
          MONITORING_PASSWORD = "monitoring";
        };
        environment = {
          PGDATA = own.dataDir;
          DATABASE_NAME = database.name;
          DATABASE_USER = database.user;
          DATABASE_NETWORKS = lib.concatStringsSep "," cfg.firewall.peers;
          POSTGRESQL_PROGRAMS = "${own.package}/bin";
        };
        serviceConfig = {
          ExecStartPre = platform.hosted "database";
          Type = "notify";
          KillMode = "mixed";
          KillSignal = "SIGINT"; # postgres' fast shutdown
          TimeoutStopSec = 120;
          TimeoutStartSec = 300;
          ReadWritePaths = [ (dirOf own.dataDir) ];
          RemoveIPC = false; # PostgreSQL's shared memory
          SystemCallFilter = [ "@system-service" ]; # it sets limits of its own children
        };
      }
    );
in
{
  options.services.omero-platform.databases = lib.mapAttrs (name: instance: {
    package = lib.mkPackageOption pkgs "postgresql_16" { } // {
      example = lib.literalExpression "pkgs.postgresql_17";
    };

    dataDir = mkOption {
      type = types.path;
      default = "${cfg.stateDir}/${instance.service}/pgdata";
      defaultText = lib.literalExpression ''"''${config.services.omero-platform.stateDir}/${instance.service}/pgdata"'';
      example = "/srv/postgresql/${name}/pgdata";
      description = "Data folder of the ${
        stack.services.${instance.service}.title
      }; a sub-folder, for mount points.";
    };

    settings = mkOption {
      type = types.attrsOf (
        types.oneOf [
          types.bool
          types.int
          types.str
        ]
      );
      default = { };
      example = {
        shared_buffers = "4GB";
        max_connections = 200;
      };
      description = "Settings of postgresql.conf, besides port, addresses and time zone.";
    };
  }) instances;

  config = lib.mkIf (cfg.enable && cfg.roles.databases.enable) {
    systemd.services = lib.mapAttrs' unitFor instances;
    systemd.tmpfiles.settings."10-omero-platform" = lib.mapAttrs' (
      name: _:
      lib.nameValuePair (dirOf cfg.databases.${name}.dataDir) {
        d = {
          mode = "0700";
          user = cfg.users.database;
          inherit (cfg.users) group;
        };
      }
    ) instances;
  };
}
