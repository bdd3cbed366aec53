# Limits per group, enforced by the file system: project quotas of ext4 or XFS on OMERO's managed repository.
{
  config,
  lib,
  pkgs,
  ...
}@args:
let
  inherit (lib) mkEnableOption mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg;
in
{
  options.services.omero-platform.quota = {
    enable = mkEnableOption "limits per group on the file system that holds server.dataDir" // {
      example = true;
    };

    stateFile = mkOption {
      type = types.path;
      default = "${cfg.server.dataDir}/.admin-tools/group-quotas.json";
      defaultText = lib.literalExpression ''"''${config.services.omero-platform.server.dataDir}/.admin-tools/group-quotas.json"'';
      example = "/OMERO/.admin-tools/group-quotas.json";
      description = "What the admin pages write: limits in GB by group.";
    };

    firstProject = mkOption {
      type = types.ints.between 1 4000000000;
      default = 200000;
      example = 500000;
      description = "First project id to give away; the platform uses this one and those above it.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.quota.enable) {
    systemd.services.omero-quota = {
      description = "Limits of OMERO's groups";
      path = [
        pkgs.quota
        pkgs.e2fsprogs
      ];
      environment = {
        OMERO_DATA_DIR = cfg.server.dataDir;
        OMERO_QUOTA_STATE = cfg.quota.stateFile;
        OMERO_QUOTA_FIRST_PROJECT = toString cfg.quota.firstProject;
        OMERO_QUOTA_PROJECTS = "${cfg.stateDir}/quota-projects.json";
      };
      serviceConfig = import ./hardening.nix // {
        Type = "oneshot";
        ExecStart = platform.hosted "quota";
        ReadWritePaths = [
          cfg.stateDir
          cfg.server.dataDir
        ];
        # setting a quota is root's, on the real device
        CapabilityBoundingSet = [
          "CAP_SYS_ADMIN"
          "CAP_SYS_RESOURCE"
          "CAP_DAC_OVERRIDE"
          "CAP_FOWNER"
          "CAP_LINUX_IMMUTABLE"
        ];
        PrivateDevices = false;
        PrivateUsers = false;
        ProcSubset = "all";
        SystemCallFilter = [
          "@system-service"
          "quotactl"
          "quotactl_fd"
        ];
      };
    };

    systemd.paths.omero-quota = {
      wantedBy = [ "multi-user.target" ];
      pathConfig.PathChanged = cfg.quota.stateFile;
    };
    systemd.timers.omero-quota = {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = "hourly"; # new groups get their folders at their first import
    };
  };
}
