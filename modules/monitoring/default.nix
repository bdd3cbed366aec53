# What is measured, collected and shown. Rules, dashboards and settings are the files in monitoring/ of the repository.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  inherit (import ../platform.nix args) cfg;
in
{
  imports = [
    ./caretaker.nix
    ./exporters.nix
    ./grafana.nix
    ./logs.nix
    ./prometheus.nix
  ];

  options.services.omero-platform.monitoring = {
    enable = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Export metrics and collect logs on this machine; the role monitoring keeps and shows them.";
    };

    textfileDir = mkOption {
      type = types.path;
      default = "${cfg.stateDir}/metrics";
      defaultText = lib.literalExpression ''"''${config.services.omero-platform.stateDir}/metrics"'';
      example = "/var/lib/node-exporter";
      description = "Folder where maintenance and backups leave their metrics for the node exporter.";
    };
  };

  config = lib.mkIf cfg.enable {
    systemd.tmpfiles.settings."10-omero-platform".${cfg.monitoring.textfileDir}.d = {
      mode = "0755";
      user = cfg.users.database;
      inherit (cfg.users) group;
    };
  };
}
