# Which ports the world sees, and which only the platform's other machines do.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg roles stack;

  here = lib.concatMap (
    role: lib.optionals cfg.roles.${role}.enable roles.services.${role}
  ) roles.names;
  portsOf = service: lib.attrValues stack.ports.${service};
  isWeb = service: service == "omeroweb";

  public =
    lib.concatMap
      (service: if isWeb service && cfg.proxy.enable then [ ] else stack.publicPorts.${service} or [ ])
      (lib.filter (service: roles.roleOf.${service} != "monitoring" || cfg.firewall.openMonitoring) here);

  # Other machines talk to these: databases, the API, and what is measured.
  internal = lib.unique (
    lib.concatMap portsOf (
      here ++ lib.subtractLists ([ "portainer" ] ++ platform.absent) roles.everywhere
    )
  );

  peersNft = "{ ${lib.concatStringsSep ", " cfg.firewall.peers} }";
  portsText = separator: lib.concatMapStringsSep separator toString internal;
in
{
  options.services.omero-platform.firewall = {
    open = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Open the public ports of the roles that run here, as stack.toml lists them.";
    };

    openMonitoring = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Open those of Prometheus, Loki and Grafana too; they have no encryption, and Loki no login.";
    };

    peers = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [
        "10.0.0.11"
        "10.0.0.12"
      ];
      description = "Addresses of the platform's other machines, which may use what this one offers them.";
    };
  };

  config = lib.mkIf cfg.enable {
    networking.firewall = lib.mkMerge [
      (lib.mkIf cfg.firewall.open {
        allowedTCPPorts =
          public
          ++ lib.optionals cfg.proxy.enable [
            80
            443
          ];
      })
      (lib.mkIf (cfg.firewall.peers != [ ] && config.networking.nftables.enable) {
        extraInputRules = "ip saddr ${peersNft} tcp dport { ${portsText ", "} } accept";
      })
      (lib.mkIf (cfg.firewall.peers != [ ] && !config.networking.nftables.enable) {
        extraCommands = lib.concatMapStrings (peer: ''
          for port in ${portsText " "}; do
            iptables -A nixos-fw -p tcp -s ${peer} --dport "$port" -j nixos-fw-accept
          done
        '') cfg.firewall.peers;
      })
    ];
  };
}
