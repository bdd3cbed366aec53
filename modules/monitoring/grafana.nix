# Grafana: dashboards of monitoring/dashboards, both data sources, nobody in without a login.
{
  config,
  lib,
  ...
}@args:
let
  platform = import ../platform.nix args;
  inherit (platform) cfg;
  enabled = cfg.enable && cfg.monitoring.enable && cfg.roles.monitoring.enable;
in
{
  config = lib.mkIf enabled {
    services.grafana = {
      enable = true;
      settings = {
        server = {
          http_addr = platform.listenAddress;
          http_port = platform.portOf "grafana" "http";
        };
        security = {
          admin_user = "admin";
          admin_password = "$__file{/run/credentials/grafana.service/admin-password}";
          secret_key = "$__file{/run/credentials/grafana.service/secret-key}";
          allow_embedding = true; # OMERO.web's admin pages show dashboards through their own proxy
        };
        users.allow_sign_up = false;
        "auth.anonymous".enabled = false;
        analytics = {
          reporting_enabled = false;
          check_for_updates = false;
        };
      };
      provision = {
        enable = true;
        datasources.settings = {
          apiVersion = 1;
          datasources = [
            {
              name = "Prometheus";
              type = "prometheus";
              uid = "prometheus";
              access = "proxy";
              url = "http://${platform.addressOf "prometheus" "http"}";
              isDefault = true;
            }
            {
              name = "Loki";
              type = "loki";
              uid = "loki";
              access = "proxy";
              url = "http://${platform.addressOf "loki" "http"}";
            }
          ];
        };
        dashboards.settings = {
          apiVersion = 1;
          providers = [
            {
              name = "OMERO";
              folder = "OMERO";
              options.path = ../../monitoring/dashboards;
            }
          ];
        };
      };
    };

    systemd.services.grafana = {
      after = lib.optional cfg.secrets.generate "omero-secrets.service";
      requires = lib.optional cfg.secrets.generate "omero-secrets.service";
      serviceConfig.LoadCredential = [
        "admin-password:${cfg.secrets.files.grafana-admin}"
        "secret-key:${cfg.secrets.files.grafana-key}"
      ];
    };
  };
}
