# Grafana: dashboards of monitoring/dashboards, both data sources, nobody in without a login.
{
  config,
  lib,
  ...
}@args:
let
  platform = import ../platform.nix args;
  inherit (platform) cfg;
  folder = ../../monitoring/grafana;
  enabled = cfg.enable && cfg.monitoring.enable && cfg.roles.monitoring.enable;
in
{
  config = lib.mkIf enabled {
    services.grafana = {
      enable = true;
      # The shared settings, and what only this site knows.
      settings = lib.recursiveUpdate (lib.importJSON (folder + "/settings.json")) {
        server = {
          http_addr = platform.listenAddress;
          http_port = platform.portOf "grafana" "http";
        };
        security = {
          admin_user = "admin";
          admin_password = "$__file{/run/credentials/grafana.service/admin-password}";
          secret_key = "$__file{/run/credentials/grafana.service/secret-key}";
        };
        # OMERO.web's admin pages say who looks; only its machine is believed.
        "auth.proxy".whitelist = lib.concatStringsSep ", " (
          lib.unique [
            "127.0.0.1"
            "::1"
            (platform.hostOf "omeroweb")
          ]
        );
      };
      provision = {
        enable = true;
        datasources.path = folder + "/datasources.yml";
        dashboards.path = folder + "/dashboards.yml";
      };
    };

    systemd.services.grafana = {
      after = lib.optional cfg.secrets.generate "omero-secrets.service";
      requires = lib.optional cfg.secrets.generate "omero-secrets.service";
      environment = {
        OMERO_PROMETHEUS_URL = "http://${platform.addressOf "prometheus" "http"}";
        OMERO_LOKI_URL = "http://${platform.addressOf "loki" "http"}";
        OMERO_ALERTMANAGER_URL = "http://${platform.addressOf "alertmanager" "http"}";
        OMERO_DASHBOARDS_FOLDER = "${../../monitoring/dashboards}";
      };
      serviceConfig.LoadCredential = [
        "admin-password:${cfg.secrets.files.grafana-admin}"
        "secret-key:${cfg.secrets.files.grafana-key}"
      ];
    };
  };
}
