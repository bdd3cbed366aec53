# The databases' upkeep, as stack.toml schedules it: VACUUM ANALYZE every week, REINDEX CONCURRENTLY every month.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;

  tasks = {
    vacuum-analyze = {
      action = "vacuum";
      schedule = stack.schedules.vacuumAnalyze;
      what = "VACUUM ANALYZE of both databases";
    };
    reindex = {
      action = "reindex";
      schedule = stack.schedules.reindex;
      what = "REINDEX CONCURRENTLY of both databases";
    };
  };

  environment = {
    OMERO_DB_HOST = "127.0.0.1";
    OMERO_DB_PORT = toString (platform.portOf "database" "postgresql");
    OMERO_DB_NAME = stack.services.database.database.name;
    OMERO_DB_USER = stack.services.database.database.user;
    PLUGIN_DB_HOST = "127.0.0.1";
    PLUGIN_DB_PORT = toString (platform.portOf "database_plugin" "postgresql");
    PLUGIN_DB_NAME = stack.services.database_plugin.database.name;
    PLUGIN_DB_USER = stack.services.database_plugin.database.user;
  };
in
{
  options.services.omero-platform.maintenance = {
    enable = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Clean up the databases on a schedule; where several machines run, the one with the databases does it.";
    };

    schedules = lib.mapAttrs (
      _: task:
      mkOption {
        type = types.str;
        default = task.schedule;
        defaultText = lib.literalMD "`maintenance` of stack.toml";
        example = "Wed *-*-* 02:00:00";
        description = "When to run ${task.what}: a calendar expression of systemd.";
      }
    ) tasks;
  };

  config = lib.mkIf (cfg.enable && cfg.roles.databases.enable && cfg.maintenance.enable) {
    systemd.timers = lib.mapAttrs' (
      name: _:
      lib.nameValuePair "omero-${name}" {
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = cfg.maintenance.schedules.${name};
          Persistent = true;
          AccuracySec = "1min";
        };
      }
    ) tasks;

    systemd.services = lib.mapAttrs' (
      name: task:
      lib.nameValuePair "omero-${name}" (
        lib.recursiveUpdate
          (platform.unit {
            inherit environment;
            description = task.what;
            user = cfg.users.database;
            command = lib.concatStringsSep " " [
              "${cfg.packages.platformEnv}/bin/omero-platform maintain ${task.action}"
              "--from-environment --scheduled --heartbeats ${cfg.monitoring.textfileDir}"
            ];
            after = [
              "omero-database-omero.service"
              "omero-database-plugin.service"
            ];
            secrets = {
              OMERO_DB_PASS = "database";
              PLUGIN_DB_PASS = "database-plugin";
            };
            serviceConfig = {
              Type = "oneshot";
              Restart = "no";
              ReadWritePaths = [ cfg.monitoring.textfileDir ];
            };
          })
          {
            wantedBy = [ ]; # the timer starts it
          }
      )
    ) tasks;
  };
}
