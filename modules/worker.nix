# The Celery worker that runs the plugins' jobs; a stopped worker finishes what it is doing.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;
  local = role: lib.optional cfg.roles.${role}.enable;
in
{
  options.services.omero-platform.worker = {
    concurrency = mkOption {
      type = types.ints.between 1 256;
      default = 2;
      example = 8;
      description = "Jobs that run at the same time.";
    };

    queues = mkOption {
      type = types.nonEmptyListOf (types.enum stack.services.worker.celery.queues);
      default = stack.services.worker.celery.queues;
      defaultText = lib.literalMD "all queues of stack.toml";
      example = [ "imaris_export" ];
      description = "Queues that this machine's worker listens to, so that a host of its own can do the exports.";
    };

    gracefulStopSeconds = mkOption {
      type = types.ints.positive;
      default = 120;
      example = 1800;
      description = "How long a job may go on when the worker is stopped, before it goes back to the queue.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.roles.worker.enable) {
    systemd.services.omero-worker = platform.unit {
      description = stack.services.worker.title;
      user = cfg.users.web;
      command = platform.hosted "worker";
      after =
        local "server" "omero-server.service"
        ++ local "web" "omero-web.service"
        ++ local "databases" "omero-database-plugin.service"
        ++ local "databases" "redis-omero.service";
      inherit (cfg.plugins) secrets;
      environment = cfg.plugins.environment // {
        OMERODIR = "${cfg.stateDir}/worker"; # its own, so that nobody overwrites OMERO.web's configuration
        HOME = "${cfg.stateDir}/worker/home";
        OMERO_IMS_CELERY_WORKER_CONCURRENCY = toString cfg.worker.concurrency;
        OMERO_WORKER_QUEUES = lib.concatStringsSep "," cfg.worker.queues;
        OMERO_WEB_UPLOAD_DIR = cfg.web.uploadDir;
      };
      serviceConfig = {
        KillMode = "mixed";
        TimeoutStopSec = cfg.worker.gracefulStopSeconds;
        RuntimeDirectory = "omero-plugins";
        RuntimeDirectoryPreserve = true;
        ReadWritePaths = [
          "${cfg.stateDir}/worker"
          cfg.web.uploadDir
          "-${cfg.server.dataDir}"
        ];
      };
    };

    systemd.tmpfiles.settings."10-omero-platform" =
      lib.genAttrs
        [
          "${cfg.stateDir}/worker"
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
