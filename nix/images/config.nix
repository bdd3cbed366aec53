# What each image says of itself: ports, health check, account, programs. Builtins only, so that CI compares it with the
# compose file.
{
  stack ? import ../lib/stack.nix { },
}:
let
  inherit (builtins) attrValues listToAttrs mapAttrs;
  account = "1000:1000";
  hosted =
    words:
    [
      "python"
      "-P"
      "-m"
      "omero_platform.hosted"
    ]
    ++ words;

  # The kinds of stack.toml that an image checks by itself; nanoseconds, as images have it.
  healthOf =
    service:
    let
      health = stack.health.${service};
      port = if health.port == null then [ ] else [ (toString health.port) ];
      page = if health.kind == "http" then [ health.path ] else [ ];
    in
    {
      Test = [
        "CMD"
      ]
      ++ hosted (
        [
          "health"
          health.kind
        ]
        ++ port
        ++ page
      );
      Interval = 10 * 1000000000;
      Timeout = 10 * 1000000000;
      Retries = 30;
    };

  portsOf =
    service:
    listToAttrs (
      map (port: {
        name = "${toString port}/tcp";
        value = { };
      }) (attrValues stack.ports.${service})
    );

  image =
    {
      service,
      title,
      programs,
      writable ? [ ],
      environment ? { },
    }:
    {
      inherit programs title writable;
      user = account;
      exposedPorts = portsOf service;
      healthcheck = healthOf service;
      environment = {
        TZ = stack.timezone;
        HOME = "/home/omero";
      }
      // environment;
    };

  server = kind: title: {
    service = "omeroserver";
    inherit title;
    programs = {
      api = hosted [ kind ];
      setup = hosted [ "setup" ];
    };
    environment = {
      OMERODIR = "/opt/omero/server/OMERO.server";
      OMERO_DATA_DIR = "/OMERO";
      OMERO_SERVER_LISTEN = "0.0.0.0";
    };
    writable = [
      "/OMERO"
      "/opt/omero/server/OMERO.server"
    ];
  };

  webEnvironment = {
    OMERODIR = "/opt/omero/web/OMERO.web";
    OMERO_DATA_DIR = "/OMERO";
    OMERO_PLUGIN_JOBS_DIR = "/tmp/omp_plugin_filename_metadata_jobs";
    OMERO_WEB_UPLOAD_DIR = "/opt/tmp/omero-upload";
    PROMETHEUS_MULTIPROC_DIR = "/tmp/omero-metrics";
  };
  webWritable = [
    "/OMERO"
    "/opt/omero/web/OMERO.web" # itself, or the engine makes it for its mounts and root has it
    "/opt/tmp"
  ];
in
mapAttrs (_: image) {
  omeroserver = server "server" "OMERO.server";
  embedded = server "embedded" "Embedded OMERO";
  omeroweb = {
    service = "omeroweb";
    title = "OMERO.web with the plugins and the Imaris worker";
    programs = {
      web = hosted [ "web" ];
      imaris-worker = hosted [ "worker" ];
    };
    environment = webEnvironment;
    writable = webWritable;
  };
  worker = {
    service = "worker";
    title = "Worker of the plugins' jobs";
    programs.worker = hosted [ "worker" ];
    environment = webEnvironment;
    writable = webWritable;
  };
}
// {
  pg-maintenance = {
    title = "Database maintenance";
    user = account;
    programs.maintenance = hosted [ "maintenance" ];
    exposedPorts = { };
    healthcheck = {
      Test = [
        "CMD"
      ]
      ++ hosted [
        "health"
        "maintenance"
      ];
      Interval = 10 * 1000000000;
      Timeout = 10 * 1000000000;
      Retries = 30;
    };
    environment = {
      TZ = stack.timezone;
      OMERO_CARE_METRICS_DIR = "/var/lib/pg-maintenance";
    };
    writable = [ "/var/lib/pg-maintenance" ];
  };

  # Sets a setting of the host's kernel once; that is root's, so this is the one image that is not an ordinary account.
  redis-sysctl-init = {
    title = "Kernel setting that Redis needs";
    user = "0:0";
    programs.sysctl = [
      "sysctl"
      "-w"
      "vm.overcommit_memory=1"
    ];
    exposedPorts = { };
    healthcheck = null;
    environment = { };
    writable = [ ];
  };
}
