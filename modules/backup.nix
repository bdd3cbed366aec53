# Backups of both databases, made and tried as stack.toml schedules; pixels are left to the site's own file backup.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkEnableOption mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;

  database = prefix: service: {
    "${prefix}_HOST" = "127.0.0.1";
    "${prefix}_PORT" = toString (platform.portOf service "postgresql");
    "${prefix}_NAME" = stack.services.${service}.database.name;
    "${prefix}_USER" = stack.services.${service}.database.user;
  };

  task =
    name: description:
    lib.recursiveUpdate
      (platform.unit {
        inherit description;
        user = cfg.users.database;
        command = platform.hosted "care ${name}";
        after = [
          "omero-database-omero.service"
          "omero-database-plugin.service"
        ];
        secrets = {
          OMERO_DB_PASS = "database";
          PLUGIN_DB_PASS = "database-plugin";
        };
        environment =
          database "OMERO_DB" "database"
          // database "PLUGIN_DB" "database_plugin"
          // {
            POSTGRESQL_PROGRAMS = "${cfg.databases.omero.package}/bin";
            OMERO_CARE_METRICS_DIR = cfg.monitoring.textfileDir;
            OMERO_BACKUP_DIR = cfg.backup.location;
            OMERO_BACKUP_KEEP = toString cfg.backup.keepDays;
          };
        serviceConfig = {
          Type = "oneshot";
          Restart = "no";
          ReadWritePaths = [
            cfg.backup.location
            cfg.monitoring.textfileDir
          ];
          SystemCallFilter = [ "@system-service" ]; # trying a backup starts a scratch PostgreSQL
        };
      })
      {
        wantedBy = [ ];
      };

  timer = calendar: {
    wantedBy = [ "timers.target" ];
    timerConfig = {
      OnCalendar = calendar;
      Persistent = true;
    };
  };
in
{
  options.services.omero-platform.backup = {
    enable = mkEnableOption "backups of both databases" // {
      example = true;
    };

    location = mkOption {
      type = types.path;
      default = "${cfg.stateDir}/backups";
      defaultText = lib.literalExpression ''"''${config.services.omero-platform.stateDir}/backups"'';
      example = "/mnt/backup/omero";
      description = "Where backups are kept; best on another disk.";
    };

    keepDays = mkOption {
      type = types.ints.positive;
      default = stack.keptBackups.days;
      defaultText = lib.literalMD "`backup.keep.days` of stack.toml";
      example = 30;
      description = "How many days a backup stays.";
    };

    schedule = mkOption {
      type = types.str;
      default = stack.schedules.backup;
      defaultText = lib.literalMD "`backup.make` of stack.toml";
      example = "*-*-* 22:00:00";
      description = "When to make one: a calendar expression of systemd.";
    };

    verifySchedule = mkOption {
      type = types.str;
      default = stack.schedules.verify;
      defaultText = lib.literalMD "`backup.verify` of stack.toml";
      example = "Sat *-*-* 06:00:00";
      description = "When to restore the newest backup into a scratch database and compare it.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.backup.enable && cfg.roles.databases.enable) {
    systemd = {
      services = {
        omero-backup = task "backup" "Backup of both databases";
        omero-backup-verify = task "verify" "Restoring the newest backup into scratch";
      };
      timers = {
        omero-backup = timer cfg.backup.schedule;
        omero-backup-verify = timer cfg.backup.verifySchedule;
      };
      tmpfiles.settings."10-omero-platform".${cfg.backup.location}.d = {
        mode = "0700";
        user = cfg.users.database;
        inherit (cfg.users) group;
      };
    };
  };
}
