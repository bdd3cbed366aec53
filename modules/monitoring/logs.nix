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
        configuration = import ../../nix/lib/loki.nix {
          inherit (platform) listenAddress;
          port = platform.portOf "loki" "http";
          storage = "/var/lib/loki";
          retentionHours = cfg.monitoring.logRetentionHours;
        };
      };
    })
  ];
}
