# What OMERO.web and the worker read from their environment. The typed options come from settings.json, which
# `omero-platform compose` writes from the plugins' own schemas, the same that check the values at run time.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;
  described = builtins.fromJSON (builtins.readFile ./settings.json);

  # What the module knows itself is no option: addresses come from stack.toml and the roles, secrets from secrets.files.
  known = [
    "OMERO_WEB_UPLOAD_DIR"
  ]
  ++ lib.attrNames (addresses // oneHost)
  ++ map (name: "${name}_FILE") (lib.attrNames secretOf);
  open = lib.filterAttrs (name: _: !(lib.elem name known)) described;

  secretOf = {
    OMP_DATA_PASS = "database-plugin";
    OMERO_DB_PASS = "monitoring";
    OMERO_JOB_SERVICE_PASS = "job-service";
    FMP_HASH_SECRET = "hash";
    REDIS_PASSWORD = "redis";
    DJANGO_SECRET_KEY = "django";
    OMERO_PLUGIN_SECRET_KEYS = "plugin-keys";
  };

  bounded =
    kind: option:
    if option ? minimum && option ? maximum then
      types.${kind + "s"}.between option.minimum option.maximum
    else if option ? minimum then
      types.addCheck types.${kind} (value: value >= option.minimum)
    else
      types.${kind};

  plain = option: {
    str = if option ? enum then types.enum option.enum else types.str;
    int = bounded "int" option;
    float = types.addCheck (types.either types.float types.int) (
      value: value >= (option.minimum or value)
    );
    inherit (types) bool;
    path = types.str;
    "listOf str" = types.listOf types.str;
  };

  typeOf =
    option:
    let
      bare = lib.removePrefix "nullOr " option.type;
    in
    types.nullOr (plain option).${bare};

  # `null` leaves the variable unset, so that the plugin's own default holds.
  toOption =
    name: option:
    mkOption {
      type = typeOf option;
      default = null;
      example = if option ? example then exampleOf option else option.default or "/run/secrets/${name}";
      description = "${option.description} (${option.component}; without a value ${defaultText option})";
    };

  exampleOf =
    option: if option.type == "listOf str" then lib.splitString "," option.example else option.example;

  defaultText =
    option:
    if !(option ? default) then
      "it is missing"
    else if option.default == null || option.default == "" || option.default == [ ] then
      "nothing"
    else
      "`${builtins.toJSON option.default}`";

  asText =
    value:
    if lib.isBool value then
      lib.boolToString value
    else if lib.isList value then
      lib.concatStringsSep "," value
    else
      toString value;

  chosen = lib.mapAttrs (_: asText) (lib.filterAttrs (_: value: value != null) cfg.plugins.settings);

  inherit (stack.services.database_plugin) database;
  inherit (stack.services.redis) redis;
  redisUrl = number: "redis://${platform.addressOf "redis" "redis"}/${toString number}";

  addresses = {
    OMERODIR = "${cfg.stateDir}/web";
    OMEROHOST = platform.hostOf "omeroserver";
    OMERO_PORT = toString (platform.portOf "omeroserver" "ssl");
    OMP_DATA_HOST = platform.hostOf "database_plugin";
    OMP_DATA_PORT = toString (platform.portOf "database_plugin" "postgresql");
    OMP_DATA_DB = database.name;
    OMP_DATA_USER = database.user;
    OMERO_IMS_CELERY_BROKER_URL = redisUrl redis.celery_db;
    OMERO_IMS_CELERY_BACKEND_URL = redisUrl redis.celery_db;
    OMERO_PLUGIN_RATE_REDIS_URL = redisUrl redis.cache_db;
    OMERO_WEB_CACHE_URL = redisUrl redis.cache_db;
    OMERO_PLUGIN_JOB_QUEUES = lib.concatStringsSep "," stack.services.worker.celery.queues;
    OMERO_PLUGIN_JOBS_DIR = "/run/omero-plugins/jobs";
    PROMETHEUS_MULTIPROC_DIR = "/run/omero-plugins/metrics";
    OMERO_DATA_DIR = cfg.server.dataDir;
    OMERO_DB_HOST = platform.hostOf "database";
    OMERO_DB_PORT = toString (platform.portOf "database" "postgresql");
    OMERO_DB_NAME = stack.services.database.database.name;
    OMERO_DB_USER = "monitoring"; # the diagnostics only log in and ask for the version
    ADMIN_TOOLS_QUOTA_SOCKET = platform.quotaSocket;
    ADMIN_TOOLS_QUOTA_STATE_PATH = "${cfg.server.dataDir}/.admin-tools/group-quotas.json";
    ADMIN_TOOLS_LOKI_URL = "http://${platform.addressOf "loki" "http"}";
    ADMIN_TOOLS_PROMETHEUS_URL = "http://${platform.addressOf "prometheus" "http"}";
    ADMIN_TOOLS_GRAFANA_URL = "http://${platform.addressOf "grafana" "http"}";
    HOME = "${cfg.stateDir}/web/home";
  };

  # The admin pages list the services of one host only.
  oneHost = {
    ADMIN_TOOLS_STACK_FILE = "${cfg.packages.stackSource}/stack.toml";
    ADMIN_TOOLS_STACK_HOST = "127.0.0.1";
  };
in
{
  options.services.omero-platform.plugins = {
    disabled = mkOption {
      type = types.listOf (
        types.enum [
          "omeroweb_omp_plugin"
          "omeroweb_upload"
          "omeroweb_admin_tools"
          "omeroweb_imaris_connector"
        ]
      );
      default = [ ];
      example = [ "omeroweb_imaris_connector" ];
      description = "Plugins of the platform that OMERO.web does not show.";
    };

    settings = lib.mapAttrs toOption open;

    environment = mkOption {
      type = types.attrsOf types.str;
      readOnly = true;
      internal = true;
      default =
        addresses
        // lib.optionalAttrs (!platform.isSpread) oneHost
        // chosen
        // {
          OMERO_WEB_DISABLED_APPS = lib.concatStringsSep "," cfg.plugins.disabled;
        };
      example = { };
      description = "What OMERO.web and the worker are told.";
    };

    secrets = mkOption {
      type = types.attrsOf types.str;
      readOnly = true;
      internal = true;
      default = secretOf;
      example = { };
      description = "Which secret is handed over under which variable.";
    };
  };
}
