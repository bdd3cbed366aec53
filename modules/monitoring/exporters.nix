# Exporters, each on the machine of what it measures. nixpkgs' postgres exporter is one per machine; here are two.
{
  config,
  lib,
  pkgs,
  ...
}@args:
let
  platform = import ../platform.nix args;
  inherit (platform) cfg stack;
  enabled = cfg.enable && cfg.monitoring.enable;
  withDatabases = enabled && cfg.roles.databases.enable;

  postgresExporter = exporter: service: unitName: {
    "omero-${exporter}" = platform.unit {
      description = stack.services.${exporter}.title;
      user = cfg.users.database;
      after = [ "${unitName}.service" ];
      command = lib.concatStringsSep " " [
        "${pkgs.prometheus-postgres-exporter}/bin/postgres_exporter"
        "--web.listen-address=${platform.listenAddress}:${toString (platform.portOf exporter "http")}"
      ];
      secrets.DATA_SOURCE_PASS = "monitoring";
      environment = {
        DATA_SOURCE_URI =
          let
            port = toString (platform.portOf service "postgresql");
          in
          "127.0.0.1:${port}/${stack.services.${service}.database.name}?sslmode=disable";
        DATA_SOURCE_USER = "monitoring";
      };
    };
  };
in
{
  config = lib.mkMerge [
    (lib.mkIf enabled {
      services.prometheus.exporters.node = {
        enable = true;
        port = platform.portOf "node-exporter" "http";
        inherit (platform) listenAddress;
        enabledCollectors = [ "systemd" ];
        extraFlags = [ "--collector.textfile.directory=${cfg.monitoring.textfileDir}" ];
      };
      services.cadvisor = lib.mkIf cfg.portainer.enable {
        enable = true;
        port = platform.portOf "cadvisor" "http";
        inherit (platform) listenAddress;
      };
    })

    (lib.mkIf withDatabases {
      systemd.services =
        postgresExporter "postgres-exporter" "database" "omero-database-omero"
        // postgresExporter "postgres-exporter-plugin" "database_plugin" "omero-database-plugin"
        // {
          omero-redis-exporter = platform.unit {
            description = stack.services.redis-exporter.title;
            user = cfg.users.web;
            after = [ "redis-omero.service" ];
            secrets.REDIS_PASSWORD = "redis";
            # The exporter takes its password from the environment only; `exec` puts it there from the file.
            command = lib.concatStringsSep " " [
              (platform.hosted "exec")
              "${pkgs.prometheus-redis-exporter}/bin/redis_exporter"
              "-web.listen-address=${platform.listenAddress}:${toString (platform.portOf "redis-exporter" "http")}"
              "-redis.addr=redis://127.0.0.1:${toString (platform.portOf "redis" "redis")}"
            ];
          };
        };
    })
  ];
}
