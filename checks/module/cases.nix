# Option sets that must be accepted. `holds`: a function of the configuration that must be true. Every set gets
# `enable = true`.
{ lib }:
let
  stack = import ../../nix/lib/stack.nix { };
  has = lib.hasAttr;
  units = config: config.systemd.services;
  jobs = config: map (job: job.job_name) config.services.prometheus.scrapeConfigs;

  inherit (import ./site.nix { inherit lib; }) spread;
in
{
  one-machine = {
    holds =
      config:
      lib.all (name: has name (units config)) [
        "omero-database-omero"
        "omero-database-plugin"
        "omero-secrets"
        "omero-server"
        "omero-server-setup"
        "omero-vacuum-analyze"
        "omero-web"
        "omero-worker"
      ];
  };

  schedules-are-those-of-the-stack = {
    holds =
      config:
      config.systemd.timers.omero-vacuum-analyze.timerConfig.OnCalendar == stack.schedules.vacuumAnalyze
      && config.systemd.timers.omero-reindex.timerConfig.OnCalendar == stack.schedules.reindex;
  };

  every-scrape-job-of-the-stack-is-there = {
    module.portainer.enable = true;
    holds = config: lib.all (scrape: lib.elem scrape.job (jobs config)) stack.scrapes;
  };

  embedded = {
    module.backend = "embedded";
    holds = config: lib.hasSuffix "hosted embedded" (units config).omero-server.serviceConfig.ExecStart;
  };

  nothing-listens-on-the-network-by-default = {
    holds =
      config:
      config.networking.firewall.allowedTCPPorts == [ ]
      && config.services.redis.servers.omero.bind == "127.0.0.1";
  };

  an-open-firewall-opens-what-the-stack-calls-public = {
    module.firewall.open = true;
    holds =
      config:
      lib.sort lib.lessThan config.networking.firewall.allowedTCPPorts == [
        (stack.portOf "omeroserver" "ssl")
        (stack.portOf "omeroweb" "http")
      ];
  };

  behind-the-proxy-only-tls-is-open = {
    module = {
      firewall.open = true;
      proxy = {
        enable = true;
        acme.enable = true;
      };
    };
    holds =
      config:
      lib.elem 443 config.networking.firewall.allowedTCPPorts
      && !(lib.elem (stack.portOf "omeroweb" "http") config.networking.firewall.allowedTCPPorts);
  };

  no-secret-is-in-a-unit = {
    holds =
      config:
      lib.all (
        unit:
        lib.all (name: !(lib.hasInfix "PASS" name) || lib.hasSuffix "_FILE" name) (
          lib.attrNames unit.environment
        )
      ) (lib.attrValues (units config));
  };

  every-unit-of-ours-is-hardened = {
    holds =
      config:
      lib.all (unit: unit.serviceConfig.NoNewPrivileges && unit.serviceConfig.ProtectSystem == "strict") (
        lib.attrValues (
          lib.filterAttrs (name: unit: lib.hasPrefix "omero-" name && unit.serviceConfig ? ExecStart) (
            units config
          )
        )
      );
  };

  the-admin-pages-know-the-stack-and-watch-its-database-as-its-observer = {
    holds =
      config:
      let
        unit = (units config).omero-web;
        told = unit.environment;
        password = "OMERO_DB_PASS:/var/lib/omero-platform/secrets/monitoring";
      in
      lib.hasSuffix "/stack.toml" told.ADMIN_TOOLS_STACK_FILE
      && told.ADMIN_TOOLS_STACK_HOST == "127.0.0.1"
      && told.OMERO_DB_USER == "monitoring"
      && lib.elem password unit.serviceConfig.LoadCredential;
  };

  the-caretaker-watches-what-runs-here = {
    module = spread [
      "web"
      "worker"
    ];
    holds =
      config:
      let
        told = (units config).omero-caretaker.environment;
      in
      told.OMERO_CARETAKER_WATCHES == "omeroweb worker alloy node-exporter"
      && lib.hasInfix "redis=10.0.0.10" told.OMERO_CARETAKER_HOSTS
      && told ? REDIS_PASSWORD_FILE
      && !(told ? OMERO_DB_PASS_FILE)
      && told.OMERO_CARETAKER_LISTEN == "0.0.0.0:${toString (stack.portOf "caretaker" "http")}";
  };

  machines-let-each-other-measure-them = {
    module = spread [ "web" ];
    holds =
      config:
      let
        opened = lib.splitString " " (
          lib.replaceStrings [ ";" ] [ "" ] config.networking.firewall.extraCommands
        );
      in
      lib.all (service: lib.elem (toString (stack.portOf service "http")) opened) [
        "alloy"
        "caretaker"
        "node-exporter"
      ];
  };

  limits-are-set-by-the-service-that-the-admin-pages-ask = {
    module.quota.enable = true;
    holds =
      config:
      let
        unit = (units config).omero-quota.serviceConfig;
        socket = (units config).omero-web.environment.ADMIN_TOOLS_QUOTA_SOCKET;
      in
      lib.hasInfix "--socket ${socket} " unit.ExecStart
      && lib.hasInfix "--user omero-web" unit.ExecStart
      && lib.hasPrefix "/run/${unit.RuntimeDirectory}/" socket
      && unit.PrivateNetwork
      && unit.RestrictAddressFamilies == [ "AF_UNIX" ]
      && (units config).omero-web.serviceConfig.CapabilityBoundingSet == "";
  };

  web-machine-of-three = {
    module = spread [
      "web"
      "worker"
    ];
    holds =
      config:
      !(has "omero-database-omero" (units config))
      && (units config).omero-web.environment.OMP_DATA_HOST == "10.0.0.10"
      && !config.services.prometheus.enable;
  };

  monitoring-machine-of-three = {
    module = spread [ "monitoring" ];
    holds =
      config:
      let
        node = lib.findFirst (
          job: job.job_name == "node_exporter"
        ) null config.services.prometheus.scrapeConfigs;
      in
      lib.length node.static_configs == 3 && !(has "omero-web" (units config));
  };
}
