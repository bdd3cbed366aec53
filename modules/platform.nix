# What the files of the module share: where each service of stack.toml is reached, and how a unit of ours looks.
{
  config,
  lib,
  ...
}:
let
  stack = import ../nix/lib/stack.nix { };
  roles = import ../nix/lib/roles.nix { inherit stack; };
  cfg = config.services.omero-platform;

  runsHere = service: cfg.roles.${roles.roleOf.${service}}.enable;
  hostOf = service: if runsHere service then "127.0.0.1" else cfg.hosts.${roles.roleOf.${service}};
  inherit (stack) portOf;
  addressOf = service: port: "${hostOf service}:${toString (portOf service port)}";

  # Several machines: services that others use listen on all addresses, and the firewall says who may talk to them.
  isSpread = lib.any (role: !cfg.roles.${role}.enable) roles.names;
  listenAddress = if isSpread then "0.0.0.0" else "127.0.0.1";

  # Services of stack.toml that no machine runs here: without Portainer there are no containers to look at.
  absent = lib.optionals (!cfg.portainer.enable) [
    "cadvisor"
    "portainer"
  ];

  quotaSocket = "/run/omero-quota/quota.sock";

  # `omero-platform-hosted web` and the like: python/omero-platform/src/omero_platform/hosted.
  hosted = command: "${cfg.packages.platformEnv}/bin/python -P -m omero_platform.hosted ${command}";

  # Secrets reach a unit as files that only it can read; it is told where by <VARIABLE>_FILE.
  credentials = variables: {
    LoadCredential = lib.mapAttrsToList (
      variable: secret: "${variable}:${cfg.secrets.files.${secret}}"
    ) variables;
  };
  credentialPaths = lib.mapAttrs' (
    variable: _: lib.nameValuePair "${variable}_FILE" "%d/${variable}"
  );
in
{
  inherit
    absent
    addressOf
    cfg
    hostOf
    hosted
    isSpread
    listenAddress
    portOf
    quotaSocket
    roles
    runsHere
    stack
    ;

  # A long-running unit: hardened, restarted, with its secrets, after the secrets exist.
  unit =
    {
      description,
      command,
      user,
      secrets ? { },
      environment ? { },
      after ? [ ],
      serviceConfig ? { },
      extra ? { },
    }:
    lib.recursiveUpdate {
      inherit description;
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ] ++ lib.optional cfg.secrets.generate "omero-secrets.service" ++ after;
      wants = after;
      requires = lib.optional cfg.secrets.generate "omero-secrets.service";
      environment = {
        TZ = cfg.timeZone;
        OMERO_PLATFORM_ROOT = "${cfg.packages.stackSource}";
      }
      // credentialPaths secrets
      // environment;
      serviceConfig =
        import ./hardening.nix
        // credentials secrets
        // {
          ExecStart = command;
          User = user;
          Group = config.users.users.${user}.group;
          Restart = "on-failure";
          RestartSec = 5;
        }
        // serviceConfig;
    } extra;

  inherit credentialPaths credentials;
}
