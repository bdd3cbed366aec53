# The OMERO API: OMERO.server, or the embedded OMERO. Both on the same database, ports and data folder.
{
  config,
  lib,
  pkgs,
  ...
}@args:
let
  inherit (lib) mkIf mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;
  isReal = cfg.backend == "omero";
  inherit (stack.services.database) database;
  json = pkgs.formats.json { };

  settings = {
    "omero.data.dir" = cfg.server.dataDir;
    "omero.db.host" = platform.hostOf "database";
    "omero.db.port" = platform.portOf "database" "postgresql";
    "omero.db.name" = database.name;
    "omero.db.user" = database.user;
    "omero.jvmcfg.max_system_memory" = cfg.server.memoryMegabytes;
    "omero.ports.ssl" = platform.portOf "omeroserver" "ssl";
    "omero.ports.tcp" = platform.portOf "omeroserver" "tcp";
    "omero.certificates.commonname" = config.networking.hostName;
  }
  // cfg.server.settings;

  environment = {
    OMERODIR = "${cfg.stateDir}/server";
    OMERO_DATA_DIR = cfg.server.dataDir;
    OMERO_SERVER_SETTINGS = json.generate "omero-server-settings.json" settings;
    OMERO_SERVER_LISTEN = platform.listenAddress;
    OMEROHOST = "127.0.0.1";
    OMERO_PORT = toString (platform.portOf "omeroserver" "ssl");
    OMERO_TCP_PORT = toString (platform.portOf "omeroserver" "tcp");
    OMERO_DB_HOST = platform.hostOf "database";
    OMERO_DB_PORT = toString (platform.portOf "database" "postgresql");
    OMERO_DB_NAME = database.name;
    OMERO_DB_USER = database.user;
    HOME = "${cfg.stateDir}/server/home";
  }
  // lib.optionalAttrs isReal {
    OMERO_SCRIPT_DIRS = "${cfg.packages.omeroScripts}/omero";
    OMERO_SERVER_DISTRIBUTION = "${cfg.packages.omeroServer}/share/omero-server";
    OMERO_PYTHON = "${cfg.packages.omeroServerEnv}/bin/python";
  };

  secrets = {
    OMERO_DB_PASS = "database";
    ROOTPASS = "root";
    OMERO_JOB_SERVICE_PASS = "job-service";
  };
  databaseUnit = lib.optional cfg.roles.databases.enable "omero-database-omero.service";
  writable = [
    "${cfg.stateDir}/server"
    cfg.server.dataDir
  ];
in
{
  options.services.omero-platform.server = {
    dataDir = mkOption {
      type = types.path;
      default = "/OMERO";
      example = "/mnt/images/OMERO";
      description = "Where pixels and files are kept: OMERO's binary repository.";
    };

    memoryMegabytes = mkOption {
      type = types.ints.between 512 1048576;
      default = 3072;
      example = 16384;
      description = "Memory that OMERO.server's Java processes share out among themselves.";
    };

    settings = mkOption {
      type = types.attrsOf (types.either types.str types.int);
      default = { };
      example = {
        "omero.fs.repo.path" = "%group%/%user%/%year%-%month%-%day%/%time%";
        "omero.throttle.method_time.warn" = 60000;
      };
      description = "Configuration of OMERO.server, as `omero config set` takes it; replaces what the module sets.";
    };

    figureScript = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Register the script that makes PDF files of OMERO.figure's figures.";
    };

    officialScripts = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Register OME's official scripts, and replace them when their text has changed.";
    };
  };

  config = mkIf (cfg.enable && cfg.roles.server.enable) {
    systemd.services = {
      omero-server = platform.unit {
        inherit environment secrets;
        description = stack.services.omeroserver.title;
        user = cfg.users.server;
        after = databaseUnit;
        command = platform.hosted (if isReal then "server" else "embedded");
        extra.path = lib.optionals isReal [
          cfg.packages.ice36
          cfg.packages.omeroServerEnv
          cfg.packages.jre
        ];
        serviceConfig = {
          TimeoutStartSec = 600;
          TimeoutStopSec = 120;
          LimitNOFILE = 15000;
          ReadWritePaths = writable;
          ProcSubset = "all"; # the JVM reads /proc/meminfo
          SystemCallFilter = [ "@system-service" ]; # Ice's nodes set limits of the processes they start
        };
      };

      # Accounts and scripts; runs again at every start and changes only what differs.
      omero-server-setup = platform.unit {
        inherit secrets;
        environment = environment // {
          REGISTER_OFFICIAL_SCRIPTS = if cfg.server.officialScripts then "1" else "0";
          REGISTER_FIGURE_SCRIPT = if cfg.server.figureScript then "1" else "0";
        };
        description = "Accounts and scripts of the OMERO API";
        user = cfg.users.server;
        after = [ "omero-server.service" ];
        command = platform.hosted "setup";
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
          TimeoutStartSec = 900;
          ReadWritePaths = writable;
        };
        extra.bindsTo = [ "omero-server.service" ];
      };
    };

    systemd.tmpfiles.settings."10-omero-platform" = {
      ${cfg.server.dataDir}.d = {
        mode = "2770"; # files that OMERO.web adds stay the group's
        user = cfg.users.server;
        inherit (cfg.users) group;
      };
      "${cfg.stateDir}/server".d = {
        mode = "0750";
        user = cfg.users.server;
        inherit (cfg.users) group;
      };
    };
  };
}
