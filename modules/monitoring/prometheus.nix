# Prometheus and Alertmanager: targets and probes from stack.toml at this site's addresses, rules from monitoring/rules.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ../platform.nix args;
  inherit (platform) cfg roles stack;
  folder = ../../monitoring;
  enabled = cfg.enable && cfg.monitoring.enable && cfg.roles.monitoring.enable;

  isPlaced = service: roles.roleOf ? ${service};
  hostsOf = service: if isPlaced service then [ (platform.hostOf service) ] else allHosts;
  allHosts = lib.unique (map (role: platform.hostOf (lib.head roles.services.${role})) roles.names);
  watched = lib.subtractLists platform.absent (lib.attrNames stack.services);

  scrapes = map (scrape: {
    job_name = scrape.job;
    metrics_path = scrape.path;
    static_configs = map (host: {
      targets = [ "${host}:${toString (platform.portOf scrape.service (portName scrape.service))}" ];
      labels = lib.optionalAttrs (!isPlaced scrape.service) { instance_host = host; };
    }) (hostsOf scrape.service);
  }) (lib.filter (scrape: lib.elem scrape.service watched) stack.scrapes);
  portName = service: stack.services.${service}.scrape.port;

  modules = {
    http_2xx = "blackbox_http";
    tcp_connect = "blackbox_tcp";
    tls_connect = "blackbox_tls";
  };

  # A probe's target with the host name of stack.toml replaced by the site's address.
  at =
    probe: host: lib.replaceStrings [ "${stack.hostName probe.service}:" ] [ "${host}:" ] probe.target;

  probeJob = module: job: {
    job_name = job;
    metrics_path = "/probe";
    params.module = [ module ];
    static_configs = lib.concatMap (
      probe:
      map (host: {
        targets = [ (at probe host) ];
        labels.service = probe.service;
      }) (hostsOf probe.service)
    ) (lib.filter (probe: probe.module == module && lib.elem probe.service watched) stack.probes);
    relabel_configs = [
      {
        source_labels = [ "__address__" ];
        target_label = "__param_target";
      }
      {
        source_labels = [ "__param_target" ];
        target_label = "instance";
      }
      {
        target_label = "__address__";
        replacement = platform.addressOf "blackbox-exporter" "http";
      }
    ];
  };

  ruleFiles = map (name: folder + "/rules/${name}") (
    lib.filter (lib.hasSuffix ".yml") (lib.attrNames (builtins.readDir (folder + "/rules")))
  );
in
{
  options.services.omero-platform.monitoring = {
    retention = mkOption {
      type = types.strMatching "[0-9]+[dwy]";
      default = "15d";
      example = "90d";
      description = "How long Prometheus keeps metrics.";
    };

    alertmanagerConfigFile = mkOption {
      type = types.path;
      default = folder + "/alertmanager.yml";
      defaultText = lib.literalExpression "monitoring/alertmanager.yml";
      example = "/run/secrets/alertmanager.yml";
      description = "Who is told about alerts; the repository's own tells nobody. Outside the store when it has a password.";
    };
  };

  config = lib.mkIf enabled {
    services.prometheus = {
      enable = true;
      port = platform.portOf "prometheus" "http";
      inherit (platform) listenAddress;
      retentionTime = cfg.monitoring.retention;
      globalConfig = {
        scrape_interval = "15s";
        evaluation_interval = "15s";
      };
      inherit ruleFiles;
      scrapeConfigs = scrapes ++ lib.mapAttrsToList probeJob modules;
      alertmanagers = [
        { static_configs = [ { targets = [ (platform.addressOf "alertmanager" "http") ]; } ]; }
      ];
      exporters.blackbox = {
        enable = true;
        port = platform.portOf "blackbox-exporter" "http";
        listenAddress = "127.0.0.1";
        configFile = folder + "/blackbox.yml";
      };
    };

    systemd.services.omero-alertmanager = platform.unit {
      description = "Alertmanager of the OMERO platform";
      user = cfg.users.web;
      command = lib.concatStringsSep " " [
        "${cfg.packages.alertmanager}/bin/alertmanager"
        "--config.file=%d/config"
        "--storage.path=/var/lib/omero-alertmanager"
        "--cluster.listen-address="
        "--web.listen-address=127.0.0.1:${toString (platform.portOf "alertmanager" "http")}"
      ];
      serviceConfig = {
        LoadCredential = [ "config:${toString cfg.monitoring.alertmanagerConfigFile}" ];
        StateDirectory = "omero-alertmanager";
      };
    };
  };
}
