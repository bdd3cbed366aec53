# Limits per group, enforced by the file system: a small service of root sets project quotas of ext4 or XFS. The admin
# pages ask it over a socket; it takes group names and sizes only, and from OMERO.web's account only.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkEnableOption;
  platform = import ./platform.nix args;
  inherit (platform) cfg;
in
{
  options.services.omero-platform.quota.enable =
    mkEnableOption "limits per group on the file system that holds server.dataDir"
    // {
      example = true;
    };

  config = lib.mkIf (cfg.enable && cfg.quota.enable) {
    systemd.services.omero-quota = {
      description = "Limits of OMERO's groups";
      wantedBy = [ "multi-user.target" ];
      unitConfig.RequiresMountsFor = cfg.server.dataDir;
      serviceConfig = import ./hardening.nix // {
        ExecStart = lib.concatStringsSep " " [
          "${cfg.packages.platformEnv}/bin/python -P -m omeroweb_admin_tools.enforcer"
          "--root ${cfg.server.dataDir}/ManagedRepository"
          "--socket ${platform.quotaSocket}"
          "--numbers /var/lib/omero-quota/projects.json"
          "--user ${cfg.users.web}"
        ];
        Restart = "on-failure";
        RestartSec = 5;
        RuntimeDirectory = "omero-quota"; # anyone may reach the socket's folder, OMERO.web's account the socket
        StateDirectory = "omero-quota";
        StateDirectoryMode = "0700";
        ReadWritePaths = [ cfg.server.dataDir ];

        # Quotas are set by root, on the real device; the rest lets it open groups' folders and hand out its socket.
        CapabilityBoundingSet = [
          "CAP_SYS_ADMIN"
          "CAP_FOWNER"
          "CAP_DAC_READ_SEARCH"
          "CAP_CHOWN"
        ];
        PrivateDevices = false;
        PrivateUsers = false;
        PrivateNetwork = true;
        RestrictAddressFamilies = [ "AF_UNIX" ];
        SystemCallFilter = [
          "@system-service"
          "quotactl"
          "quotactl_fd"
        ];
      };
    };
  };
}
