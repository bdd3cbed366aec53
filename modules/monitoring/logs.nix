# Logs: Alloy on every machine reads the journal, Loki on the monitoring machine keeps it for a fixed time.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ../platform.nix args;
  inherit (platform) cfg;
  enabled = cfg.enable && cfg.monitoring.enable;
  storage = "/var/lib/loki";
in
{
  options.services.omero-platform.monitoring.logRetentionHours = mkOption {
    type = types.ints.between 24 87600;
    default = 744;
    example = 2160;
    description = "How long Loki keeps logs.";
  };

  config = lib.mkMerge [
    (lib.mkIf enabled {
      services.alloy = {
        enable = true;
        extraFlags = [
          "--server.http.listen-addr=${platform.listenAddress}:${toString (platform.portOf "alloy" "http")}"
          "--disable-reporting"
        ];
      };
      environment.etc."alloy/config.alloy".text = ''
        loki.relabel "journal" {
          forward_to = []
          rule {
            source_labels = ["__journal__systemd_unit"]
            regex         = "(omero-[a-z-]+|redis-omero|grafana|loki|prometheus|nginx)\\.service"
            target_label  = "service"
          }
          rule {
            source_labels = ["__journal_priority_keyword"]
            target_label  = "level"
          }
        }

        loki.source.journal "journal" {
          forward_to    = [loki.write.platform.receiver]
          relabel_rules = loki.relabel.journal.rules
          labels        = { host = "${config.networking.hostName}" }
        }

        loki.write "platform" {
          endpoint {
            url = "http://${platform.addressOf "loki" "http"}/loki/api/v1/push"
          }
        }
      '';
    })

    (lib.mkIf (enabled && cfg.roles.monitoring.enable) {
      services.loki = {
        enable = true;
        configuration = {
          auth_enabled = false;
          analytics.reporting_enabled = false;
          server = {
            http_listen_address = platform.listenAddress;
            http_listen_port = platform.portOf "loki" "http";
          };
          common = {
            path_prefix = storage;
            replication_factor = 1;
            ring.kvstore.store = "inmemory";
            instance_addr = "127.0.0.1";
            storage.filesystem = {
              chunks_directory = "${storage}/chunks";
              rules_directory = "${storage}/rules";
            };
          };
          schema_config.configs = [
            {
              from = "2024-01-01";
              store = "tsdb";
              object_store = "filesystem";
              schema = "v13";
              index = {
                prefix = "index_";
                period = "24h";
              };
            }
          ];
          limits_config = {
            retention_period = "${toString cfg.monitoring.logRetentionHours}h";
            max_entries_limit_per_query = 5000;
            ingestion_rate_mb = 8;
            ingestion_burst_size_mb = 16;
          };
          compactor = {
            working_directory = "${storage}/compactor";
            retention_enabled = true;
            delete_request_store = "filesystem";
          };
        };
      };
    })
  ];
}
