# Health metrics of what runs on this machine: services, queues, rows, disks. What stack.toml schedules is left to timers.
{
  config,
  lib,
  ...
}@args:
let
  platform = import ../platform.nix args;
  inherit (platform) cfg roles stack;
  on = role: cfg.roles.${role}.enable;
  enabled = cfg.enable && cfg.monitoring.enable;

  watched =
    lib.concatMap (role: lib.optionals (on role) roles.services.${role}) roles.names
    ++ lib.subtractLists ([ "caretaker" ] ++ platform.absent) roles.everywhere;

  elsewhere = lib.filterAttrs (_: host: host != "127.0.0.1") (
    lib.genAttrs (lib.attrNames roles.roleOf) platform.hostOf
  );
  asPairs =
    values: lib.concatStringsSep " " (lib.mapAttrsToList (name: value: "${name}=${value}") values);

  folders =
    lib.optionalAttrs (on "server") { omero_data = cfg.server.dataDir; }
    // lib.optionalAttrs (on "databases") {
      database_main = dirOf cfg.databases.omero.dataDir;
      database_plugin = dirOf cfg.databases.plugin.dataDir;
    };
in
{
  config = lib.mkIf enabled {
    systemd.services.omero-caretaker = platform.unit {
      description = stack.services.caretaker.title;
      user = cfg.users.web;
      command = platform.hosted "caretaker";
      # the worker is asked over Redis, wherever that is
      secrets =
        lib.optionalAttrs (on "databases" || on "worker") { REDIS_PASSWORD = "redis"; }
        // lib.optionalAttrs (on "databases") {
          OMERO_DB_PASS = "database";
          PLUGIN_DB_PASS = "database-plugin";
        };
      environment = {
        OMERO_CARETAKER_LISTEN = "${platform.listenAddress}:${toString (platform.portOf "caretaker" "http")}";
        OMERO_CARETAKER_WATCHES = lib.concatStringsSep " " watched;
        OMERO_CARETAKER_HOSTS = asPairs elsewhere;
        OMERO_CARETAKER_FOLDERS = asPairs folders;
      };
    };
  };
}
