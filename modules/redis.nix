# Redis, in memory only: OMERO.web's sessions and cache, the plugins' jobs.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;
  inherit (stack.services.redis) redis;
in
{
  options.services.omero-platform.redis.maxMemoryBytes = mkOption {
    type = types.ints.positive;
    default = redis.maxmemory_bytes;
    defaultText = lib.literalMD "`services.redis.redis.maxmemory_bytes` of stack.toml";
    example = 1073741824;
    description = "Memory that Redis may use before it forgets what was used least.";
  };

  config = lib.mkIf (cfg.enable && cfg.roles.databases.enable) {
    services.redis = {
      vmOverCommit = true; # vm.overcommit_memory = 1
      servers.omero = {
        enable = true;
        port = platform.portOf "redis" "redis";
        bind = platform.listenAddress;
        save = [ ];
        appendOnly = false;
        requirePassFile = cfg.secrets.files.redis;
        settings = {
          maxmemory = toString cfg.redis.maxMemoryBytes;
          maxmemory-policy = redis.policy;
        };
      };
    };
    systemd.services.redis-omero = lib.mkIf cfg.secrets.generate {
      after = [ "omero-secrets.service" ];
      requires = [ "omero-secrets.service" ];
    };
  };
}
