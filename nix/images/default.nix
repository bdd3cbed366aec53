# The images, layered by how often things change: tools, published packages, each package of ours, then what ties them
# together. A changed line in a plugin changes that plugin's layer and the small last one.
{
  lib,
  pkgs,
  callPackage,
  nix2container,
  stack,
  stackSource,
  pythonSet,
  platformEnv,
  omeroServerEnv,
  omeroWebEnv,
  workerEnv,
  omeroServer,
  omeroScripts,
  ice36,
  jre,
}:
let
  inherit (nix2container) buildImage buildLayer;
  config = import ./config.nix { inherit stack; };
  withHealth = callPackage ./copy.nix { };
  roots = import ../python/roots.nix;
  ours = import ../python/ours.nix;

  tools = buildLayer {
    deps = [
      pkgs.cacert
      pkgs.tzdata
      pkgs.coreutils
      pkgs.bashInteractive
    ];
  };

  # what the admin pages show of the stack
  described.ADMIN_TOOLS_STACK_FILE = "${stackSource}/stack.toml";

  isOurs = name: ours ? ${name};
  needsOf = name: ours.${name}.requires;

  # Ours, each after those that it needs.
  withNeeds =
    done: name:
    if lib.elem name done then
      done
    else
      lib.foldl' withNeeds done (lib.filter isOurs (needsOf name)) ++ [ name ];

  # Each layer leaves out what is in those below it, so one of ours holds that package and nothing else; published ones
  # share 80 layers, of at most 127, by how many others need them.
  above =
    lower: names: options:
    lower
    ++ [
      (buildLayer (
        {
          deps = map (name: pythonSet.${name}) names;
          layers = lower;
        }
        // options
      ))
    ];

  packageLayers =
    names: lower:
    let
      own = lib.foldl' withNeeds [ ] (lib.filter isOurs names);
      published = lib.filter (name: !isOurs name) (lib.unique (names ++ lib.concatMap needsOf own));
    in
    lib.foldl' (layers: name: above layers [ name ] { }) (above lower published {
      maxLayers = 80;
    }) own;

  contents = {
    omeroserver = {
      environment = omeroServerEnv;
      layers = packageLayers roots.server [
        tools
        (buildLayer {
          deps = [
            jre
            ice36
          ];
          layers = [ tools ];
        })
        (buildLayer {
          deps = [ omeroServer ];
          layers = [ tools ];
        })
      ];
      path = [
        jre
        ice36
      ];
      variables = {
        OMERO_SERVER_DISTRIBUTION = "${omeroServer}/share/omero-server";
        OMERO_PYTHON = "${omeroServerEnv}/bin/python";
        OMERO_SCRIPT_DIRS = "${omeroScripts}/omero";
      };
    };
    embedded = {
      environment = platformEnv;
      layers = packageLayers roots.platform [ tools ];
    };
    omeroweb = {
      environment = omeroWebEnv;
      layers = packageLayers roots.web [ tools ];
      variables = described;
    };
    worker = {
      environment = workerEnv;
      layers = packageLayers roots.worker [ tools ];
      variables = described;
    };
    pg-maintenance = {
      environment = omeroServerEnv;
      layers = packageLayers roots.server [ tools ];
    };
    redis-sysctl-init = {
      environment = pkgs.procps;
      layers = [ tools ];
    };
  };

  toImage =
    name: about:
    let
      content = contents.${name};
      root = callPackage ./root.nix {
        inherit name about;
        inherit (content) environment;
      };
    in
    withHealth (buildImage {
      name = "omero-platform/${name}";
      tag = "latest";
      inherit (content) layers;
      copyToRoot = [ root ];
      perms = [
        {
          path = root;
          regex = "/(tmp|home/omero|OMERO|opt/.*|var/lib/.*|run/omero).*";
          mode = "0775";
          uid = 1000;
          gid = 1000;
        }
      ];
      config = {
        User = about.user;
        Cmd = root.command;
        ExposedPorts = about.exposedPorts;
        WorkingDir = "/";
        Env = lib.mapAttrsToList (key: value: "${key}=${value}") (
          {
            PATH = lib.makeBinPath (
              [ content.environment ]
              ++ (content.path or [ ])
              ++ [
                pkgs.coreutils
                pkgs.bashInteractive
              ]
            );
            OMERO_PLATFORM_ROOT = "${stackSource}";
            SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
            TZDIR = "${pkgs.tzdata}/share/zoneinfo";
          }
          // about.environment
          // (content.variables or { })
        );
        Labels = {
          "org.opencontainers.image.title" = about.title;
          "org.opencontainers.image.version" = ours.omero-platform.version;
          "org.opencontainers.image.licenses" = "GPL-2.0-or-later";
        };
      };
    }) about.healthcheck;
in
lib.mapAttrs' (name: about: lib.nameValuePair "${name}-image" (toImage name about)) config
