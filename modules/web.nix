# OMERO.web with the plugins, under gunicorn; static files are served by itself, sessions live in Redis.
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
  json = pkgs.formats.json { };
  local = role: lib.optional cfg.roles.${role}.enable;
in
{
  options.services.omero-platform.web = {
    workers = mkOption {
      type = types.ints.between 1 64;
      default = 2;
      example = 8;
      description = "Processes that answer requests, each with `threads` threads.";
    };

    threads = mkOption {
      type = types.ints.between 1 64;
      default = 5;
      example = 10;
      description = "Threads of each process.";
    };

    uploadDir = mkOption {
      type = types.path;
      default = "${cfg.stateDir}/uploads";
      defaultText = lib.literalExpression ''"''${config.services.omero-platform.stateDir}/uploads"'';
      example = "/mnt/scratch/uploads";
      description = "Where uploads wait for their import; the worker reads it too, so hosts of both have to share it.";
    };

    settings = mkOption {
      inherit (json) type;
      default = { };
      example = {
        "omero.web.login_logo" = "branding/logo.png";
        "omero.web.session_cookie_age" = 86400;
      };
      description = "Configuration of OMERO.web, values as they are in JSON; replaces what the platform sets.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.roles.web.enable) {
    systemd.services.omero-web = platform.unit {
      description = stack.services.omeroweb.title;
      user = cfg.users.web;
      command = platform.hosted "web";
      after =
        local "server" "omero-server.service"
        ++ local "databases" "omero-database-plugin.service"
        ++ local "databases" "redis-omero.service";
      inherit (cfg.plugins) secrets;
      environment = cfg.plugins.environment // {
        OMERO_WEB_LISTEN = "${
          if cfg.proxy.enable then "127.0.0.1" else "0.0.0.0"
        }:${toString (platform.portOf "omeroweb" "http")}";
        OMERO_WEB_WORKERS = toString cfg.web.workers;
        OMERO_WEB_THREADS = toString cfg.web.threads;
        OMERO_WEB_SETTINGS = json.generate "omero-web-settings.json" cfg.web.settings;
        OMERO_WEB_UPLOAD_DIR = cfg.web.uploadDir;
        OMERO_WEB_SECURE_COOKIES = lib.boolToString cfg.proxy.enable;
      };
      serviceConfig = {
        Type = "notify"; # gunicorn tells when it listens
        NotifyAccess = "all";
        TimeoutStartSec = 600; # the first start collects static files and migrates the plugin database
        RuntimeDirectory = "omero-plugins"; # progress and metrics, shared with the worker
        RuntimeDirectoryPreserve = true;
        ReadWritePaths = [
          "${cfg.stateDir}/web"
          cfg.web.uploadDir
          "-${cfg.server.dataDir}"
        ];
      };
    };

    systemd.tmpfiles.settings."10-omero-platform" =
      lib.genAttrs
        [
          "${cfg.stateDir}/web"
          cfg.web.uploadDir
        ]
        (_: {
          d = {
            mode = "0750";
            user = cfg.users.web;
            inherit (cfg.users) group;
          };
        });
  };
}
